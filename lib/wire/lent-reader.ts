import { ProtocolViolation } from './byte-reader.js'
import type { ReferenceReader } from './live-reader.js'
import { Moved } from './moved.js'
import { SeenReader } from './seen-reader.js'
import * as tag from './tags.js'
import type { ValueReader } from './value-reader.js'

/** Makes the stand-in for a function of the other process. */
export type Borrow = (reference: number, length: number, name: string) => unknown

/** Reads what no copy is made of: functions and references, which stay where they are, and sockets, which move. */
export abstract class LentReader extends SeenReader implements ValueReader {
  borrow: Borrow | undefined
  /** The references at the head of this message, for functions that are listed. */
  listed: readonly number[] = []
  /** What reads references, where such may be, and those at the head of this message. */
  references: ReferenceReader | undefined
  things: readonly unknown[] = []
  /** Sockets and servers may be named here. */
  takesMoved = false
  /** Those that this message names, and the numbers at its head. */
  moved: Moved[] = []
  listedMoved: readonly number[] = []
  /** How many functions, or other things that stay where they are, this message held. */
  functions = 0
  /** References may be in the value that is read. */
  protected isLive = false

  protected beginLent(): void {
    this.functions = 0
    this.isLive = false
    if (this.moved.length > 0) this.moved = []
  }

  abstract value(): unknown

  /** One thing that stays where it is. */
  thing(): unknown {
    if (this.references === undefined) throw new ProtocolViolation('a reference where none may be')
    this.functions++
    this.weigh(tag.OBJECT_WEIGHT)
    return this.references.read(this)
  }

  /** From now on parameters may be operands, or not. */
  readsOperands(may: boolean): void {
    if (this.references === undefined) return
    if (may) this.references.operands = 0
    this.references.mayBeOperands = may
  }

  protected reference(kind: number): unknown {
    if (!this.isLive) throw new ProtocolViolation('a reference where none may be')
    if (kind === tag.REFERENCE) return this.thing()
    const place = this.count()
    if (place >= this.things.length) throw new ProtocolViolation('a reference that is not listed')
    return this.things[place]
  }

  protected movedThing(kind: number): Moved {
    const place = this.count()
    const number = kind === tag.MOVED ? place : this.listedMoved[place]
    if (!this.takesMoved || number === undefined) throw new ProtocolViolation('a socket where none may be')
    const moved = this.see(new Moved(number))
    this.weigh(tag.OBJECT_WEIGHT)
    this.moved.push(moved)
    return moved
  }

  protected function(kind: number): unknown {
    const place = this.count()
    const reference = kind === tag.FUNCTION ? place : this.listed[place]
    const length = this.count()
    const name = this.string()
    if (this.borrow === undefined || reference === undefined) {
      throw new ProtocolViolation('a function where none may be')
    }
    if (length > tag.FUNCTION_LENGTH_LIMIT || name.length > tag.FUNCTION_NAME_LIMIT) {
      throw new ProtocolViolation('a function with too long a name')
    }
    this.functions++
    return this.borrow(reference, length, name)
  }
}
