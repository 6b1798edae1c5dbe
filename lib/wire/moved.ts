/** In a value, what comes by another way: a socket or a server. */
export class Moved {
  constructor(
    /** Under which it was sent. */
    readonly number: number
  ) {}
}

/** Whether this moves to the other process instead of being copied. Throws NotCloneable for one that cannot. */
export type Moves = (value: object) => boolean

/** Moves sockets and servers to the other process by a way of its own, beside the channel. */
export interface Mover {
  readonly moves: Moves
  /** The number under which it will arrive. Throws NotCloneable where nothing can be moved. */
  take(thing: object): number
  /** Sends it, when the message that names it was written. */
  send(number: number, thing: object): void
}

/** What moves with a value, by its place in a list, and where in the value it is. */
export interface Moving {
  readonly thing: object
  readonly place: string
}

/** What moves with one message, and leaves when that was written. */
export class Departure {
  private readonly numbers = new Map<object, number>()

  constructor(private readonly mover: Mover) {}

  readonly moves: Moves = (value) => this.mover.moves(value)

  get isEmpty(): boolean {
    return this.numbers.size === 0
  }

  /** The same number for the same thing. */
  take(thing: object): number {
    const known = this.numbers.get(thing)
    if (known !== undefined) return known
    const number = this.mover.take(thing)
    this.numbers.set(thing, number)
    return number
  }

  leave(): void {
    for (const [thing, number] of this.numbers) this.mover.send(number, thing)
    this.numbers.clear()
  }

  /** The message is not sent. */
  cancel(): void {
    this.numbers.clear()
  }
}
