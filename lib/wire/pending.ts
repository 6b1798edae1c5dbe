import { ProtocolViolation } from './byte-reader.js'
import type { Outcome } from './messages.js'
import { UNANSWERED_LIMIT } from './protocol-limits.js'
import type { RefusalCode } from './refusal.js'

/** Whoever waits for the answer of a request. Exactly one of these is called, once. */
export interface RequestSink {
  answered(value: unknown): void
  failed(error: unknown): void
  refused(code: RefusalCode, details: Record<string, unknown>): void
  /** The connection ended first. */
  lost(): void
  /** For a script: what became of one of its steps. With the last one nothing else follows. */
  outcome?(outcome: Outcome): void
  /** What it waits for: the outcomes of a script, or the answer to anything else. Default: whatever it has a member for. */
  readonly isScript?: boolean
}

const SLOTS = UNANSWERED_LIMIT
/** Ids have 31 bits: with one bit more they are no small integers of V8, and every use of one allocates (Node 20 to 26). */
const LARGEST_ID = 2 ** 31 - 1

/**
 * The requests that wait for an answer. An id is a slot and how often that slot was used before, so that a second
 * answer, or an answer to nobody, is seen for what it is.
 */
export class Pending {
  size = 0
  private sinks: (RequestSink | undefined)[] = []
  /** Of each slot: the id of the request in it, or of the next one. */
  private ids: number[] = []
  private free: number[] = []

  /** The id of a new request; undefined when a million of them wait already. */
  add(sink: RequestSink): number | undefined {
    let slot = this.free.pop()
    if (slot === undefined) {
      if (this.sinks.length === SLOTS) return undefined
      slot = this.sinks.push(undefined) - 1
      this.ids.push(slot)
    }
    this.sinks[slot] = sink
    this.size++
    return this.ids[slot]
  }

  /** Ends the wait for this id and tells who waited. Throws a ProtocolViolation when nobody did. */
  take(id: number): RequestSink {
    const slot = slotOf(id)
    const sink = this.sinks[slot]
    if (sink === undefined || this.ids[slot] !== id) {
      throw new ProtocolViolation('an answer to a request that is not waiting')
    }
    this.sinks[slot] = undefined
    this.ids[slot] = (id + SLOTS) & LARGEST_ID
    this.free.push(slot)
    this.size--
    return sink
  }

  /** Undoes `take`: what came was no answer, and who waits has to hear that it is lost. Nothing comes for it any more. */
  restore(sink: RequestSink): void {
    if (this.add(sink) === undefined) sink.lost()
  }

  /** Who waits for this id. Throws a ProtocolViolation when nobody does. */
  get(id: number): RequestSink {
    const slot = slotOf(id)
    const sink = this.sinks[slot]
    if (sink === undefined || this.ids[slot] !== id) {
      throw new ProtocolViolation('an outcome of a request that is not waiting')
    }
    return sink
  }

  /** Somebody waits for this id. */
  has(id: number): boolean {
    const slot = slotOf(id)
    return this.sinks[slot] !== undefined && this.ids[slot] === id
  }

  /** From now on another one waits for this id. False when nobody waits for it any more. */
  replace(id: number, sink: RequestSink): boolean {
    const slot = slotOf(id)
    if (this.sinks[slot] === undefined || this.ids[slot] !== id) return false
    this.sinks[slot] = sink
    return true
  }

  /** Tells all that their answer will not come. */
  loseAll(): void {
    const sinks = this.sinks
    this.sinks = []
    this.ids = []
    this.free = []
    this.size = 0
    for (const sink of sinks) sink?.lost()
  }
}

function slotOf(id: number): number {
  return id & (SLOTS - 1)
}
