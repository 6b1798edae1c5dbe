import { whenReleased } from './released.js'
import type { StreamKind } from './stream-kinds.js'

/** What an end of a stream answers: what came of it next, and whether that was the last. */
export interface Pulled {
  readonly chunks: readonly unknown[]
  readonly done: boolean
}

/** What may be asked of it. */
export type StreamRequest = 'pull' | 'write' | 'end' | 'destroy' | 'over'

/**
 * This side's end of a stream that was lent: the other side reads from it and writes to it. It is lent in the place of
 * the stream, so that nothing else of that can be reached.
 */
export abstract class StreamEnd {
  readonly #stream: object
  readonly #kind: StreamKind

  constructor(stream: object, kind: StreamKind) {
    this.#stream = stream
    this.#kind = kind
    whenReleased(this, (loss) => this.released(loss))
  }

  /** Asked of whatever is lent, which may be a proxy: none of its traps runs. */
  static [Symbol.hasInstance](value: unknown): value is StreamEnd {
    return typeof value === 'object' && value !== null && #stream in value
  }

  static streamOf(end: StreamEnd): object {
    return end.#stream
  }

  static kindOf(end: StreamEnd): StreamKind {
    return end.#kind
  }

  /** What is there now, or else what comes next. Throws what the stream failed with. */
  abstract pull(): Promise<Pulled>
  /** Settles when it takes more. Throws what the stream failed with. */
  abstract write(chunks: readonly unknown[]): Promise<void>
  /** Settles when all that was written has been taken. */
  abstract end(): Promise<void>
  /** Ends it before its time, on both sides that it has. */
  abstract destroy(reason: unknown): void

  /** Settles when it has ended by itself, on both sides that it has. Throws what it failed with. */
  abstract over(): Promise<void>

  /** The other side does not hold it any more. `loss`: it is gone itself, for this reason. */
  protected released(loss?: Promise<unknown>): void {
    void loss?.then((reason) => this.destroy(reason))
  }
}
