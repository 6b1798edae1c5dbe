import { idAfter } from './answer-rows.js'
import type { Message } from './messages.js'

/** What the batch that grows ends with, if that is an invocation in a row: one more of the same needs only its parameters. */
export class Repetition {
  private reference = -1
  private nextId = 0
  private live = false

  /** Whether this is the next invocation of the same function. */
  goesOn(id: number, reference: number, live: boolean): boolean {
    return reference === this.reference && id === this.nextId && live === this.live
  }

  /** It was written. */
  next(): void {
    this.nextId = idAfter(this.nextId, 1)
  }

  /** The batch ends with this now. */
  endsWith(message: Message): void {
    if (message.type !== 'invoke' || message.id >= 0) return this.end()
    this.reference = message.reference
    this.nextId = idAfter(message.id, 1)
    this.live = message.live === true
  }

  /** What is written next stands behind no invocation. */
  end(): void {
    this.reference = -1
  }
}
