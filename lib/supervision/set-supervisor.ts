import {
  callTimeout,
  errorFromRefusal,
  invalidArgument,
  packageNotAdded,
  poolClosed,
  queueFull,
  setDown,
  spaceStopped
} from '../errors.js'
import type { CallSettings, SetSettings } from '../settings.js'
import type { Target } from '../wire/messages.js'
import { pack, Packed } from '../wire/packed.js'
import { Refusal, type RefusalCode } from '../wire/refusal.js'
import { BoundCalls } from './bound-calls.js'
import { CallQueue } from './call-queue.js'
import type { PoolContext } from './context.js'
import type { HeldPackage } from './package-key.js'
import { PendingCall, type CallCarrier, type CallOwner } from './pending-call.js'
import { markRemote } from './remote-errors.js'
import type { Replica } from './replica.js'
import { Replicas, type CallSource } from './replicas.js'

/** Targets a set remembers; calls with further paths are as good, only slower. */
const TARGETS_KEPT = 1024
/** Calls that may be run a second time: one in ten of the pool's, or as many as this while there were few. */
const RERUNS_FREE = 10
const RERUN_SHARE = 0.1

/** How many calls a pool has had, and how many of them were run again. */
export interface RerunBudget {
  calls: number
  reruns: number
}

/** One set of packages: takes its calls, gives them to its replicas, and settles each exactly once. */
export class SetSupervisor implements CallOwner, CallSource {
  /** In the order in which they are loaded. */
  readonly packages: HeldPackage[]
  readonly replicas: Replicas
  calls = 0
  errors = 0
  private readonly queue = new CallQueue()
  /** Those that wait for a certain replica. */
  private readonly bound = new BoundCalls(() => this.replicas.slotCount)
  private lastOrder = 0
  private readonly targets = new Map<string, Map<string, Target>>()
  private targetCount = 0
  /** Packages that are being added to the set, with the calls that wait for each. */
  private readonly coming = new Map<string, CallQueue>()
  private lastAddition: Promise<unknown> = Promise.resolve()
  /** Additions that wait for a space. */
  private readonly additions: { resolve: () => void; reject: (error: Error) => void }[] = []

  constructor(
    readonly key: string,
    packages: readonly HeldPackage[],
    readonly settings: SetSettings,
    private readonly context: PoolContext,
    private readonly budget: RerunBudget
  ) {
    this.packages = [...packages]
    this.replicas = new Replicas(this, context)
  }

  /** Calls that wait for a space, or for their package. */
  get queued(): number {
    return this.inQueues((queue) => queue.length)
  }

  get waiting(): number {
    return this.queued + this.additions.length
  }

  get inFlight(): number {
    return this.replicas.all.reduce((sum, { inFlight }) => sum + inFlight, 0)
  }

  holds(name: string): boolean {
    return this.packages.some(({ as }) => as === name) || this.coming.has(name)
  }

  /** The target for a function of a package of this set. Throws PACKAGE_NOT_ADDED. */
  target(name: string, path: string): Target {
    const known = this.targets.get(name)?.get(path)
    if (known !== undefined) return known
    if (!this.holds(name)) throw packageNotAdded({ package: name })
    const target: Target = { package: name, path }
    if (this.targetCount < TARGETS_KEPT) {
      this.targetCount++
      const paths = this.targets.get(name) ?? new Map<string, Target>()
      this.targets.set(name, paths.set(path, target))
    }
    return target
  }

  call(target: Target, parameters: unknown[], settings: CallSettings): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const timeout = settings.timeout ?? this.settings.callTimeout ?? Infinity
      const call = new PendingCall(this, target, parameters, settings, timeout, resolve, reject)
      this.admit(call)
    })
  }

  /** Loads more packages into the spaces of this set, once it is established; all of them, or none is in the set. */
  async add(packages: readonly HeldPackage[], established: Promise<void>): Promise<void> {
    const more = packages.filter((held) => !this.hasAlready(held))
    if (more.length === 0) return
    const names = more.map(({ as }) => as).filter((as) => !this.coming.has(as))
    for (const name of names) this.coming.set(name, new CallQueue())
    const addition = Promise.all([established, this.lastAddition]).then(() => this.loadMore(more))
    this.lastAddition = addition.catch(() => undefined)
    try {
      await addition
      for (const call of this.takeEarly(names)) this.place(call)
    } catch (error) {
      for (const name of names) this.targets.delete(name)
      for (const call of this.takeEarly(names)) this.fail(call, error)
      throw error
    }
  }

  /** Ends its spaces; the next call brings them back. */
  async evict(): Promise<void> {
    await this.replicas.evict(this.replicas.all, 'request')
  }

  resetInactivity(): void {
    for (const replica of this.replicas.all) replica.touch()
  }

  /** Ends its spaces for good. */
  async end(reason: 'remove' | 'close'): Promise<void> {
    this.failWaiting(reason === 'close' ? poolClosed() : spaceStopped({ key: this.key, reason }))
    await this.replicas.end(reason)
  }

  kill(): void {
    this.failWaiting(poolClosed())
    this.replicas.kill()
  }

  dispatch(): void {
    if (this.additions.length > 0 && this.replicas.ready.length > 0) {
      for (const { resolve } of this.additions.splice(0)) resolve()
    }
    this.dispatchFree()
    if (this.queue.length === 0 && this.bound.length > 0) this.dispatchBound()
    if (this.queue.length > 0 || this.bound.length > 0) this.replicas.wake()
  }

  failWaiting(error: Error): void {
    for (const { reject } of this.additions.splice(0)) reject(error)
    for (const queue of [this.queue, this.bound, ...this.coming.values()]) {
      for (const call of queue.takeAll()) this.fail(call, error)
    }
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

  lost(call: PendingCall): void {
    const { crashed, error } = (call.carrier as CallCarrier).lose()
    if (!crashed || !this.mayRunAgain(call)) return this.fail(call, error)
    call.state = 'queued'
    this.queueFor(call).unshift(call)
  }

  expired(call: PendingCall): void {
    const { timeout, target, carrier } = call
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

  private admit(call: PendingCall): void {
    const { signal } = call.settings
    if (this.context.closed()) return call.reject(poolClosed())
    if (signal?.aborted === true) return call.reject(signal.reason)
    this.calls++
    this.budget.calls++
    this.context.keepAlive.begin()
    if (signal !== undefined) call.listen(signal)
    if (call.timeout !== Infinity) this.context.timetable.add(call, call.timeout)
    try {
      if (call.settings.idempotent) this.packParameters(call)
      const early = this.coming.size === 0 ? undefined : this.coming.get(call.target.package)
      if (early === undefined) this.place(call)
      else this.enqueue(call, early)
    } catch (error) {
      this.fail(call, error instanceof Refusal ? errorFromRefusal(error.code, error.details) : error)
    }
  }

  /** To a replica, or where it waits for one. */
  private place(call: PendingCall): void {
    const replica = this.replicas.choose(call.settings.affinity)
    if (replica !== undefined && !this.isAwaited(replica)) return this.write(replica, call)
    try {
      this.enqueue(call, this.queueFor(call))
    } catch (error) {
      return this.fail(call, error instanceof Refusal ? errorFromRefusal(error.code, error.details) : error)
    }
    if (replica !== undefined) this.dispatch()
  }

  /** Calls have waited for this replica already, which takes some again. */
  private isAwaited(replica: Replica): boolean {
    if (this.queue.length > 0) return true
    return this.bound.length > 0 && this.bound.peek(this.replicas.slotOf(replica)) !== undefined
  }

  private queueFor({ settings }: PendingCall): CallQueue | BoundCalls {
    return settings.affinity === undefined ? this.queue : this.bound
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
    const failure = replica.failures.size === 0 ? undefined : replica.failures.get(call.target.package)
    if (failure !== undefined) return this.fail(call, failure)
    try {
      replica.write(call)
    } catch (error) {
      this.fail(call, error instanceof Refusal ? errorFromRefusal(error.code, error.details) : error)
    }
  }

  /** Parameters are read now, so those of a call that waits are packed, or only copied where nothing can change. */
  private enqueue(call: PendingCall, queue: CallQueue | BoundCalls): void {
    const { key, settings, replicas } = this
    this.refuseWhenUnserved(call.target.package)
    if (this.queued >= settings.maxQueue) throw queueFull({ key, limit: settings.maxQueue, unit: 'calls' })
    this.packParameters(call)
    const limit = this.context.bounds.queue
    const bytes = this.inQueues((each) => each.bytes)
    if (bytes + call.size > limit) throw queueFull({ key, limit, unit: 'bytes' })
    call.order = ++this.lastOrder
    queue.push(call)
    replicas.wake()
  }

  private inQueues(figure: (queue: CallQueue | BoundCalls) => number): number {
    let sum = figure(this.queue) + figure(this.bound)
    if (this.coming.size > 0) for (const queue of this.coming.values()) sum += figure(queue)
    return sum
  }

  /** The calls of packages that are not coming any more. */
  private takeEarly(names: readonly string[]): PendingCall[] {
    const calls = names.flatMap((name) => this.coming.get(name)?.takeAll() ?? [])
    for (const name of names) this.coming.delete(name)
    return calls
  }

  /** Nothing will come of waiting. */
  private refuseWhenUnserved(name: string): void {
    const { state, retryAfter } = this.replicas
    if (state === 'down' || state === 'probing') throw setDown({ key: this.key, retryAfter })
    if (state === 'removed') throw this.context.closed() ? poolClosed() : packageNotAdded({ package: name })
  }

  private packParameters(call: PendingCall): void {
    const { parameters } = call
    if (parameters instanceof Packed) return
    const flat = sizeOfPrimitives(parameters)
    if (flat >= 0) {
      call.parameters = parameters.slice()
      call.size = flat
      return
    }
    call.parameters = pack(parameters, 'parameters', this.context.settings.maxBytes)
    call.size = call.parameters.size
  }

  /** Nobody waits for the call any more, and it is told so. */
  private giveUp(call: PendingCall, error: unknown): void {
    if (call.state === 'settled') return
    const { state, carrier } = call
    if (state === 'queued') (this.coming.get(call.target.package) ?? this.queueFor(call)).left(call)
    this.fail(call, error)
    if (state === 'written') carrier?.forget(call, ignore, () => this.through(carrier))
  }

  private fail(call: PendingCall, error: unknown): void {
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

  private mayRunAgain(call: PendingCall): boolean {
    if (!call.settings.idempotent || call.attempts > 1) return false
    if (this.replicas.state !== 'up') return false
    const { budget } = this
    if (budget.reruns >= Math.max(RERUNS_FREE, budget.calls * RERUN_SHARE)) return false
    budget.reruns++
    return true
  }

  private hasAlready({ name, as, digest }: HeldPackage): boolean {
    const known = this.packages.find((held) => held.as === as)
    if (known === undefined) return false
    if (known.name === name && known.digest === digest) return true
    throw invalidArgument('packages', `another name than "${as}", which this set has for something else`, as)
  }

  private async loadMore(packages: readonly HeldPackage[]): Promise<void> {
    const more = packages.filter((held) => !this.hasAlready(held))
    await this.oneReady(packages[0]?.as ?? this.key)
    for (const replica of this.replicas.ready) await replica.load(more)
    this.packages.push(...more)
    // Those that became ready meanwhile.
    for (const replica of this.replicas.ready) await replica.loadMissing()
  }

  private async oneReady(name: string): Promise<void> {
    if (this.replicas.ready.length > 0) return
    this.refuseWhenUnserved(name)
    await new Promise<void>((resolve, reject) => {
      this.additions.push({ resolve, reject })
      this.replicas.wake()
    })
  }
}

/** About what these parameters take in bytes, when none of them can change; else -1. Packing costs ten times as much. */
function sizeOfPrimitives(parameters: readonly unknown[]): number {
  let size = 16
  for (const parameter of parameters) {
    if (typeof parameter === 'string') size += parameter.length * 2
    else if (
      typeof parameter === 'object'
        ? parameter !== null
        : typeof parameter === 'function' || typeof parameter === 'symbol'
    ) {
      return -1
    }
    size += 8
  }
  return size
}

const ignore = (): void => undefined
