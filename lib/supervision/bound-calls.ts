import { CallQueue } from './call-queue.js'
import type { PendingCall } from './pending-call.js'
import { slotOf } from './routing.js'

/** The calls of a set that wait for one replica each, because of their affinity: a queue for each slot. */
export class BoundCalls {
  /** Calls that wait. */
  length = 0
  /** What their parameters take, in bytes. */
  bytes = 0
  private queues: CallQueue[] = []

  /** `slots`: how many there are at the moment, at least one. */
  constructor(private readonly slots: () => number) {}

  push(call: PendingCall): void {
    this.queueOf(call).push(call)
    this.count(call, 1)
  }

  unshift(call: PendingCall): void {
    this.queueOf(call).unshift(call)
    this.count(call, 1)
  }

  /** The call that has waited longest for the replica in this slot. */
  peek(slot: number): PendingCall | undefined {
    this.spread()
    return this.queues[slot]?.peek()
  }

  /** The same call, which does not wait any more. */
  shift(slot: number): PendingCall | undefined {
    this.spread()
    const call = this.queues[slot]?.shift()
    if (call !== undefined) this.count(call, -1)
    return call
  }

  /** The call does not wait any more; its state says so afterwards. */
  left(call: PendingCall): void {
    this.queueOf(call).left(call)
    this.count(call, -1)
  }

  /** All that wait for the replica in this slot; none is left then. */
  takeFrom(slot: number): PendingCall[] {
    this.spread()
    const calls = this.queues[slot]?.takeAll() ?? []
    for (const call of calls) this.count(call, -1)
    return calls
  }

  /** All that wait; none is left then. */
  takeAll(): PendingCall[] {
    this.length = this.bytes = 0
    return this.queues.flatMap((queue) => queue.takeAll())
  }

  private queueOf({ settings }: PendingCall): CallQueue {
    this.spread()
    return this.queues[slotOf(settings.affinity ?? '', this.queues.length)] as CallQueue
  }

  /** With another number of slots, values of affinity lead elsewhere. */
  private spread(): void {
    const slots = this.slots()
    if (slots === this.queues.length) return
    const calls = this.queues.flatMap((queue) => queue.takeAll())
    this.queues = Array.from({ length: slots }, () => new CallQueue())
    for (const call of calls.sort((left, right) => left.order - right.order)) this.queueOf(call).push(call)
  }

  private count(call: PendingCall, change: 1 | -1): void {
    this.length += change
    this.bytes += change * call.size
  }
}
