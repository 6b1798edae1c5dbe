import { ProtocolViolation } from './byte-reader.js'
import type { RefusalCode } from './refusal.js'

/** Whoever waits for the answer of a request. Exactly one of these is called, once. */
export interface RequestSink {
  answered(value: unknown): void
  failed(error: unknown): void
  refused(code: RefusalCode, details: Record<string, unknown>): void
  /** The connection ended first. */
  lost(): void
}

const SLOT_BITS = 20
const SLOTS = 2 ** SLOT_BITS
const GENERATIONS = 2 ** (32 - SLOT_BITS)

/**
 * The requests that wait for an answer. An id is a slot and how often that slot was used before, so that a second
 * answer, or an answer to nobody, is seen for what it is.
 */
export class Pending {
  size = 0
  private sinks: (RequestSink | undefined)[] = []
  private generations: number[] = []
  private free: number[] = []

  /** The id of a new request; undefined when a million of them wait already. */
  add(sink: RequestSink): number | undefined {
    let slot = this.free.pop()
    if (slot === undefined) {
      if (this.sinks.length === SLOTS) return undefined
      slot = this.sinks.push(undefined) - 1
      this.generations.push(0)
    }
    this.sinks[slot] = sink
    this.size++
    return (this.generations[slot] as number) * SLOTS + slot
  }

  /** Ends the wait for this id and tells who waited. Throws a ProtocolViolation when nobody did. */
  take(id: number): RequestSink {
    const slot = id % SLOTS
    const sink = this.sinks[slot]
    if (sink === undefined || !this.isCurrent(slot, id)) {
      throw new ProtocolViolation('an answer to a request that is not waiting')
    }
    this.sinks[slot] = undefined
    this.generations[slot] = ((this.generations[slot] as number) + 1) % GENERATIONS
    this.free.push(slot)
    this.size--
    return sink
  }

  /** From now on another one waits for this id. False when nobody waits for it any more. */
  replace(id: number, sink: RequestSink): boolean {
    const slot = id % SLOTS
    if (this.sinks[slot] === undefined || !this.isCurrent(slot, id)) return false
    this.sinks[slot] = sink
    return true
  }

  private isCurrent(slot: number, id: number): boolean {
    return (this.generations[slot] as number) * SLOTS + slot === id
  }

  /** Tells all that their answer will not come. */
  loseAll(): void {
    const sinks = this.sinks
    this.sinks = []
    this.generations = []
    this.free = []
    this.size = 0
    for (const sink of sinks) sink?.lost()
  }
}
