import { BoundedReader } from './bounded-reader.js'
import { ProtocolViolation } from './byte-reader.js'

/** The objects of a message that were read, while others are read that count theirs from 0. */
export interface SeenAside {
  readonly seen: (object | undefined)[]
  readonly count: number
}

/** Places for objects that are kept for the next message. */
const MOST_KEPT = 16

/** Numbers the objects of a message as they are read: one that comes again crosses as its number. */
export class SeenReader extends BoundedReader {
  /** In memory that goes from message to message: most have few of them, and each list begins with room for 17. */
  private seen: (object | undefined)[] = []
  private seenCount = 0

  /** Lets go of the objects of the message, when all of it was read. */
  forget(): void {
    const { seen, seenCount } = this
    this.seenCount = 0
    if (seenCount > MOST_KEPT) this.seen = []
    else for (let place = 0; place < seenCount; place++) seen[place] = undefined
  }

  /** Gives an object its number before what is inside it is read, as the encoder did. */
  see<T extends object>(object: T): T {
    this.seen[this.seenCount++] = object
    return object
  }

  reserve(): number {
    this.seen[this.seenCount] = undefined
    return this.seenCount++
  }

  fill<T extends object>(place: number, object: T): T {
    this.seen[place] = object
    return object
  }

  /** From now on objects count from 0. */
  protected setSeenAside(): SeenAside {
    const aside = { seen: this.seen, count: this.seenCount }
    this.seen = []
    this.seenCount = 0
    return aside
  }

  protected takeSeenBack({ seen, count }: SeenAside): void {
    this.seen = seen
    this.seenCount = count
  }

  protected seenObject(): object {
    const place = this.count()
    const object = place < this.seenCount ? this.seen[place] : undefined
    if (object === undefined) throw new ProtocolViolation('a reference to an object that was not there')
    return object
  }
}
