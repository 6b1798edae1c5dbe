import { Answer, AnswerRow, ROW_LENGTH, type RefusalError } from './answer-row.js'
import { ProtocolViolation } from './byte-reader.js'
import type { RequestSink } from './pending.js'
import { Queue } from './queue.js'

/** Ids of invocations in a row are negative: from this one on one after the other, and after -1 this one again. */
export const FIRST_IN_ROW = -(2 ** 31)

/**
 * The invocations that wait for an answer, as they were sent. The other side comes to them in this order and says of each,
 * once, what has become of it: that it returned, or that it will be answered later.
 */
export class AnswerRows {
  /** Those that wait, with those that are answered later. */
  size = 0
  /** Of the next one that is sent. */
  nextId = FIRST_IN_ROW
  /** Of the next one that the other side comes to. */
  private expected = FIRST_IN_ROW
  private readonly rows = new Queue<AnswerRow>()
  private last: AnswerRow
  private readonly postponed = new Map<number, RequestSink>()

  constructor(private readonly errorFor: RefusalError) {
    this.last = this.begin()
  }

  /** The promise of the one that has just been sent. */
  add(): Promise<unknown> {
    const place = this.nextId & (ROW_LENGTH - 1)
    const row = this.last
    this.size++
    this.nextId = idAfter(this.nextId, 1)
    if (place === ROW_LENGTH - 1) this.last = this.begin()
    return new Answer(row, place) as unknown as Promise<unknown>
  }

  /** So many of them, from this one on, have returned undefined, or (`areLater`) are answered later. */
  begun(id: number, count: number, areLater: boolean): void {
    if (id !== this.expected || count < 1 || count > this.size - this.postponed.size) throw notWaiting()
    for (let left = count; left > 0;) {
      const row = this.rows.first as AnswerRow
      const part = areLater ? 1 : Math.min(left, row.left)
      if (areLater) this.postponed.set(this.expected, row.postponed())
      else row.returned(part)
      this.pass(part)
      left -= part
    }
    if (!areLater) this.size -= count
  }

  /** Who waits for the answer to this one, and ends the wait. Throws a ProtocolViolation when nobody does. */
  take(id: number): RequestSink {
    const later = this.postponed.get(id)
    const row = id === this.expected && id !== this.nextId ? this.rows.first : undefined
    const sink = later ?? row
    if (sink === undefined) throw notWaiting()
    this.size--
    if (later === undefined) this.pass(1)
    else this.postponed.delete(id)
    return sink
  }

  /** Somebody waits for the answer to this one, and it may come now. */
  has(id: number): boolean {
    return this.postponed.has(id) || (id === this.expected && id !== this.nextId)
  }

  /** Tells all that their answer will not come. */
  loseAll(): void {
    const sinks: RequestSink[] = [...this.postponed.values()]
    for (let row = this.rows.shift(); row !== undefined; row = this.rows.shift()) sinks.push(row)
    this.postponed.clear()
    this.size = 0
    for (const sink of sinks) sink.lost()
  }

  private begin(): AnswerRow {
    const row = new AnswerRow(this.errorFor)
    this.rows.push(row)
    return row
  }

  /** The other side has come to so many more of the first row. */
  private pass(count: number): void {
    this.expected = idAfter(this.expected, count)
    if ((this.expected & (ROW_LENGTH - 1)) === 0) this.rows.shift()
  }
}

export function idAfter(id: number, count: number): number {
  return (id + count) | FIRST_IN_ROW
}

function notWaiting(): ProtocolViolation {
  return new ProtocolViolation('an answer to an invocation that is not waiting')
}
