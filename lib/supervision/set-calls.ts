import { callTimeout, errorFromRefusal, poolClosed, queueFull, referenceReleased } from '../errors.js'
import type { SetSettings } from '../settings.js'
import { describeFailure } from '../wire/describe-chain.js'
import type { Outcome, Target } from '../wire/messages.js'
import { Refusal, type RefusalCode } from '../wire/refusal.js'
import type { PoolContext } from './context.js'
import type { CallCarrier, CallOwner, PendingCall } from './pending-call.js'
import { keepParameters } from './kept-parameters.js'
import { markRemote } from './remote-errors.js'
import type { Replica } from './replica.js'
import type { Replicas } from './replicas.js'
import type { RerunBudget } from './rerun-budget.js'
import { WaitingCalls } from './waiting-calls.js'

/** The calls of one set: gives each to a replica, now or when one takes it, and settles it exactly once. */
export class SetCalls implements CallOwner {
  /** Calls that were admitted. */
  count = 0
  /** Calls that failed. */
  errors = 0
  readonly waiting: WaitingCalls
  private readonly queue: WaitingCalls['free']
  private readonly bound: WaitingCalls['bound']

  constructor(
    private readonly key: string,
    private readonly settings: SetSettings,
    private readonly replicas: Replicas,
    private readonly context: PoolContext,
    private readonly budget: RerunBudget
  ) {
    this.waiting = new WaitingCalls(key, settings, context, replicas)
    this.queue = this.waiting.free
    this.bound = this.waiting.bound
  }

  /** A call has been made. */
  admit(call: PendingCall): void {
    const { signal } = call.settings
    if (this.context.closed()) return call.reject(poolClosed())
    if (signal?.aborted === true) return call.reject(signal.reason)
    this.count++
    this.budget.calls++
    this.context.keepAlive.begin()
    if (signal !== undefined) call.listen(signal)
    if (call.timeout !== Infinity) this.context.timetable.add(call, call.timeout)
    try {
      if (call.settings.idempotent) keepParameters(call, this.context.caller, this.context.settings.maxBytes)
      const { early } = this.waiting
      const queue = early.size === 0 ? undefined : early.get(call.target.package)
      if (queue === undefined) this.place(call)
      else this.waiting.add(call, queue)
    } catch (error) {
      this.fail(call, error instanceof Refusal ? errorFromRefusal(error.code, error.details) : error)
    }
  }

  /** To a replica, or where it waits for one. */
  place(call: PendingCall): void {
    if (call.home !== undefined) return this.writeHome(call.home as Replica, call)
    const replica = this.replicas.choose(call.settings.affinity)
    if (replica !== undefined && !this.isAwaited(replica)) return this.write(replica, call)
    try {
      this.waiting.add(call, this.waiting.queueFor(call))
    } catch (error) {
      return this.fail(call, error instanceof Refusal ? errorFromRefusal(error.code, error.details) : error)
    }
    if (replica !== undefined) this.dispatch()
  }

  /** It continues what was begun there, so it does not wait behind other calls. */
  private writeHome(home: Replica, call: PendingCall): void {
    const { key, settings } = this
    if (!home.isThere) {
      return this.fail(call, referenceReleased({ key, generation: home.generation }))
    }
    if (home.inFlight >= settings.concurrency + settings.maxQueue) {
      return this.fail(call, queueFull({ key, limit: settings.maxQueue, unit: 'calls' }))
    }
    this.write(home, call)
  }

  /** Calls have waited for this replica already, which takes some again. */
  private isAwaited(replica: Replica): boolean {
    if (this.queue.length > 0) return true
    return this.bound.length > 0 && this.bound.peek(this.replicas.slotOf(replica)) !== undefined
  }

  /** Gives calls that wait to replicas that take some. */
  dispatch(): void {
    this.dispatchFree()
    if (this.queue.length === 0 && this.bound.length > 0) this.dispatchBound()
    if (this.queue.length > 0 || this.bound.length > 0) this.replicas.wake()
  }

  /** Nothing will come of what waits. */
  failWaiting(error: unknown): void {
    for (const call of this.waiting.takeAll()) this.fail(call, error)
  }

  /** Nothing will come of what waits for the replica in this slot alone. */
  failBound(slot: number, error: Error): void {
    for (const call of this.bound.takeFrom(slot)) this.fail(call, error)
  }

  answered(call: PendingCall, value: unknown): void {
    const carrier = call.carrier as CallCarrier
    this.leave(call)
    call.resolve(value)
    this.through(carrier)
  }

  failed(call: PendingCall, error: unknown): void {
    const carrier = call.carrier as CallCarrier
    this.fail(call, markRemote(error))
    this.through(carrier)
  }

  refused(call: PendingCall, code: RefusalCode, details: Record<string, unknown>): void {
    const carrier = call.carrier as CallCarrier
    this.fail(call, errorFromRefusal(code, details))
    this.through(carrier)
  }

  outcome(call: PendingCall, outcome: Outcome): void {
    const { script } = call
    script?.settle(outcome)
    if (!outcome.last) return
    if (script?.hasFailed === true) this.errors++
    const carrier = call.carrier as CallCarrier
    this.leave(call)
    this.through(carrier)
  }

  lost(call: PendingCall): void {
    // Its answer came, and what followed it failed.
    if (call.state === 'settled') return
    const { crashed, error } = (call.carrier as CallCarrier).lose()
    if (!crashed || !this.mayRunAgain(call)) return this.fail(call, error)
    call.state = 'queued'
    this.waiting.queueFor(call).unshift(call)
  }

  expired(call: PendingCall): void {
    const { timeout, carrier } = call
    const target = targetOf(call)
    const { key } = this
    if (call.state === 'queued') {
      return this.giveUp(call, callTimeout({ ...target, timeout, key, phase: 'queued' }))
    }
    if (call.state === 'settled') return
    // Its end is decided; it is told with what blocks the space, which takes a moment to find out.
    this.errors++
    this.leave(call)
    this.context.keepAlive.begin()
    const tell = (remoteStack: string | undefined): void => {
      this.context.keepAlive.end()
      call.reject(callTimeout({ ...target, timeout, key, phase: 'written', remoteStack }))
    }
    carrier?.forget(call, tell, () => this.through(carrier))
  }

  aborted(call: PendingCall): void {
    this.giveUp(call, call.settings.signal?.reason)
  }

  /** Nobody waits for the call any more, and it is told so. */
  private giveUp(call: PendingCall, error: unknown): void {
    if (call.state === 'settled') return
    const { state, carrier } = call
    if (state === 'queued') this.waiting.left(call)
    this.fail(call, error)
    if (state === 'written') carrier?.forget(call, ignore, () => this.through(carrier))
  }

  fail(call: PendingCall, error: unknown): void {
    if (call.state === 'settled') return
    this.errors++
    this.leave(call)
    call.reject(error)
  }

  private leave(call: PendingCall): void {
    call.settle()
    this.context.timetable.remove(call)
    this.context.keepAlive.end()
  }

  private through(carrier: CallCarrier): void {
    carrier.finished()
    if (this.queue.length > 0 || this.bound.length > 0) this.dispatch()
  }

  /** What any replica may take, and before that what has waited longer for the same one. */
  private dispatchFree(): void {
    for (let call = this.queue.peek(); call !== undefined; call = this.queue.peek()) {
      const replica = this.replicas.choose(undefined)
      if (replica === undefined) return
      const slot = this.bound.length > 0 ? this.replicas.slotOf(replica) : -1
      const bound = slot < 0 ? undefined : this.bound.peek(slot)
      const next =
        bound !== undefined && bound.order < call.order ? this.bound.shift(slot) : this.queue.shift()
      this.write(replica, next as PendingCall)
    }
  }

  private dispatchBound(): void {
    for (let slot = 0; slot < this.replicas.slotCount; slot++) {
      for (let call = this.bound.peek(slot); call !== undefined; call = this.bound.peek(slot)) {
        const replica = this.replicas.at(slot)
        if (replica === undefined) break
        this.bound.shift(slot)
        this.write(replica, call)
      }
    }
  }

  private write(replica: Replica, call: PendingCall): void {
    const { failures } = replica.packages
    const failure = failures.size === 0 ? undefined : failures.get(call.target.package)
    if (failure !== undefined) return this.fail(call, failure)
    try {
      replica.write(call)
    } catch (error) {
      this.fail(call, error instanceof Refusal ? errorFromRefusal(error.code, error.details) : error)
    }
  }

  private mayRunAgain({ settings, attempts }: PendingCall): boolean {
    if (!settings.idempotent || attempts > 1) return false
    return this.replicas.state === 'up' && this.budget.take()
  }
}

/** As errors tell it. */
function targetOf({ target, script }: PendingCall): Target {
  const first = script?.steps[0]
  return first === undefined ? target : { ...target, path: describeFailure(first) }
}

const ignore = (): void => undefined
