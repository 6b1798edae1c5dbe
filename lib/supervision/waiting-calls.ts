import { queueFull } from '../errors.js'
import type { SetSettings } from '../settings.js'
import { BoundCalls } from './bound-calls.js'
import { CallQueue } from './call-queue.js'
import type { PoolContext } from './context.js'
import { keepParameters } from './kept-parameters.js'
import type { PendingCall } from './pending-call.js'
import type { Replicas } from './replicas.js'

/** The calls of a set that have not left the host: bounded together, in number and in bytes. */
export class WaitingCalls {
  /** For any replica. */
  readonly free = new CallQueue()
  /** For a certain replica each. */
  readonly bound: BoundCalls
  /** For a package that is being added to the set. */
  readonly early = new Map<string, CallQueue>()
  private lastOrder = 0

  constructor(
    private readonly key: string,
    private readonly settings: SetSettings,
    private readonly context: PoolContext,
    private readonly replicas: Replicas
  ) {
    this.bound = new BoundCalls(() => replicas.slotCount)
  }

  get length(): number {
    return this.sum((queue) => queue.length)
  }

  /** Where a call waits whose package is there. */
  queueFor({ settings }: PendingCall): CallQueue | BoundCalls {
    return settings.affinity === undefined ? this.free : this.bound
  }

  /**
   * Lets a call wait, with its parameters as they are now. Throws QUEUE_FULL, why nothing would come of waiting, or a
   * Refusal when the parameters cannot cross.
   */
  add(call: PendingCall, queue: CallQueue | BoundCalls): void {
    const { key, settings, context, replicas } = this
    replicas.refuseWhenUnserved(call.target.package)
    if (this.length >= settings.maxQueue) throw queueFull({ key, limit: settings.maxQueue, unit: 'calls' })
    keepParameters(call, context.caller, context.settings.maxBytes)
    const limit = context.bounds.queue
    const bytes = this.sum((each) => each.bytes)
    if (bytes + call.size > limit) throw queueFull({ key, limit, unit: 'bytes' })
    call.order = ++this.lastOrder
    queue.push(call)
    replicas.wake()
  }

  /** The call has left, wherever it waited. */
  left(call: PendingCall): void {
    const queue = this.early.get(call.target.package) ?? this.queueFor(call)
    queue.left(call)
  }

  takeAll(): PendingCall[] {
    return [this.free, this.bound, ...this.early.values()].flatMap((queue) => queue.takeAll())
  }

  /** The calls of packages that are not being added any more. */
  takeEarly(names: readonly string[]): PendingCall[] {
    const calls = names.flatMap((name) => this.early.get(name)?.takeAll() ?? [])
    for (const name of names) this.early.delete(name)
    return calls
  }

  private sum(figure: (queue: CallQueue | BoundCalls) => number): number {
    let sum = figure(this.free) + figure(this.bound)
    if (this.early.size > 0) for (const queue of this.early.values()) sum += figure(queue)
    return sum
  }
}
