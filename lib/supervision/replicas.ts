import { packageNotAdded, poolClosed, setDown } from '../errors.js'
import type { SetSettings } from '../settings.js'
import type { Script } from '../wire/script.js'
import type { SpaceEnd } from '../space/space-end.js'
import { CircuitBreaker } from './circuit-breaker.js'
import type { PoolContext } from './context.js'
import type { HeldPackage } from './package-key.js'
import { Replacements } from './replacements.js'
import { Replica, type ReplicaSet } from './replica.js'
import { RestartBackoff } from './restart-backoff.js'
import { chooseReplica, replicaAt, type RoutingLimits } from './routing.js'
import { Scaling } from './scaling.js'
import { Slots } from './slots.js'

/** Whose calls the replicas run. */
export interface CallSource {
  readonly key: string
  readonly settings: SetSettings
  readonly packages: readonly HeldPackage[]
  /** Calls, and additions of packages, that wait for a replica. */
  readonly waiting: number
  /** A replica can take calls. */
  dispatch(): void
  /** Carries out chains where their references are at home. */
  run(script: Script, home: Replica): void
  /** Nothing will come of what waits. */
  failWaiting(error: Error): void
  /** Nothing will come of what waits for the replica in this slot alone. */
  failBound(slot: number, error: Error): void
}

/**
 * The replicas of one set: starts them when calls wait, in the place of those that crashed, and beside those that are
 * replaced; ends them when they are idle.
 */
export class Replicas implements ReplicaSet {
  /** How often a space of the set was built. */
  generation = 0
  restarts = 0
  evictions = 0
  private readonly limits: RoutingLimits
  /** A set that was down shows with one call at a time whether it can live. */
  private readonly probeLimits: RoutingLimits
  private readonly slots: Slots
  /** What is built next is another generation than what was built before. */
  private stale = true
  private phase: 'establishing' | 'established' | 'removed' = 'establishing'
  private readonly breaker: CircuitBreaker
  private readonly backoff: RestartBackoff
  private readonly scaling: Scaling
  private readonly replacements: Replacements

  constructor(
    private readonly source: CallSource,
    private readonly context: PoolContext
  ) {
    this.slots = new Slots(source.settings.replicas.min)
    this.limits = { concurrency: source.settings.concurrency, unsent: context.bounds.unsent }
    this.probeLimits = { ...this.limits, concurrency: 1 }
    const { bounds, clock, timetable } = context
    this.scaling = new Scaling(this.slots, bounds.surplus, timetable.schedule, {
      settings: source.settings,
      make: () => this.make(),
      grown: (replica) => this.built(replica)
    })
    this.replacements = new Replacements(this.slots, context, {
      key: source.key,
      state: () => this.state,
      outdate: () => void (this.stale = true),
      make: () => this.make(),
      replaced: (fresh) => {
        fresh.tellReady()
        source.dispatch()
      }
    })
    this.backoff = new RestartBackoff(clock, timetable.schedule, () => this.backoffOver())
    this.breaker = new CircuitBreaker(source.settings.restart, bounds, clock, timetable.schedule, {
      down: (restarts, retryAfter) => this.goneDown(restarts, retryAfter),
      probe: () => this.probe(),
      up: () => this.goneUp()
    })
  }

  get key(): string {
    return this.source.key
  }

  get settings(): SetSettings {
    return this.source.settings
  }

  get packages(): readonly HeldPackage[] {
    return this.source.packages
  }

  /** `down`: crashed too often. `probing`: one space shows whether it can live. */
  get state(): 'establishing' | 'up' | 'down' | 'probing' | 'removed' {
    return this.phase === 'established' ? this.breaker.state : this.phase
  }

  /** All that have not ended. */
  get all(): Replica[] {
    return this.slots.all
  }

  get ready(): Replica[] {
    return this.slots.filled.filter(({ state }) => state === 'ready')
  }

  /** Those that have loaded the packages, in a slot or about to get one. */
  get loaded(): Replica[] {
    return this.all.filter(({ state }) => state === 'ready')
  }

  /** Throws why nothing will come of waiting for one of them. */
  refuseWhenUnserved(name: string): void {
    const { state, key, breaker } = this
    if (state === 'down' || state === 'probing') throw setDown({ key, retryAfter: breaker.retryAfter })
    if (state === 'removed') throw this.context.closed() ? poolClosed() : packageNotAdded({ package: name })
  }

  choose(affinity: string | number | undefined): Replica | undefined {
    return chooseReplica(this.slots.list, this.routing, affinity)
  }

  get slotCount(): number {
    return this.slots.length
  }

  slotOf(replica: Replica): number {
    return this.slots.numberOf(replica)
  }

  /** The replica in this slot, if it takes one more call. */
  at(slot: number): Replica | undefined {
    return replicaAt(slot, this.slots.list, this.routing)
  }

  /** The first start: all spaces, with all packages. Rejects when one of them cannot be had. */
  async establish(): Promise<void> {
    const building = this.slots.empty.map(async (slot) => {
      const replica = this.start(slot)
      await replica.build(undefined, false)
      replica.tellReady()
    })
    const results = await Promise.allSettled(building)
    const failed = results.find((result) => result.status === 'rejected')
    if (failed !== undefined) throw failed.reason as Error
    if (this.phase === 'establishing') this.phase = 'established'
    this.serve()
  }

  /** Calls wait: starts what is missing, or one more when all are full. */
  wake(): void {
    if (this.state !== 'up') return
    // Nearly always there is nothing to start, and this runs for every call that waits.
    if (this.scaling.isAtMost && !this.slots.hasEmpty) return
    if (this.backoff.mustWait()) return
    if (this.slots.hasEmpty) this.startMissing()
    else this.scaling.consider()
  }

  /** Ends these replicas; the next call starts others. */
  async evict(replicas: readonly Replica[], reason: 'inactivity' | 'room' | 'request'): Promise<void> {
    await Promise.all(
      replicas.map(async (replica) => {
        // One that waits for a place has nothing to end, and calls may wait for it.
        if (replica.space === undefined) return
        if (this.slots.has(replica)) this.tellEviction(replica, reason)
        this.takeOut(replica)
        await replica.stop('evict')
      })
    )
  }

  /** Puts a new space in the place of each one, without a failed call. Rejects when a new one cannot be had. */
  async reload(): Promise<void> {
    // One that waits for a place has loaded nothing yet.
    const old = this.slots.filled.filter(({ space }) => space !== undefined)
    this.scaling.giveUp()
    await this.replacements.replaceAll(old)
  }

  /** Ends all for good. */
  async end(reason: 'remove' | 'close'): Promise<void> {
    this.phase = 'removed'
    this.breaker.stop()
    this.cancelStarts()
    await Promise.all(this.all.map((replica) => replica.stop(reason)))
  }

  /** Ends all for good, at once. */
  kill(): void {
    this.phase = 'removed'
    this.breaker.stop()
    this.cancelStarts()
    for (const replica of this.all) replica.kill('close')
  }

  runScript(script: Script, replica: Replica): void {
    this.source.run(script, replica)
  }

  replicaEnded(replica: Replica, end: SpaceEnd): void {
    const counts = this.slots.has(replica) || this.scaling.isGrowing(replica)
    this.takeOut(replica)
    this.slots.forget(replica)
    if (replica.place !== undefined) this.context.capacity.release(replica.place)
    replica.tellEnd(end)
    if (end.cause !== undefined && counts) this.crashed(end)
    else if (this.source.waiting > 0) this.wake()
  }

  replicaIdle(replica: Replica): void {
    if (replica.state === 'draining') void replica.stop('recycle')
    else if (replica.spareable) this.context.capacity.mayHaveRoom()
    this.scaling.becameIdle()
  }

  replicaDue(replica: Replica, reason: 'recycle' | 'memory'): void {
    this.replacements.replaceDue(replica, reason)
  }

  replicaRelieved(): void {
    if (this.source.waiting > 0) this.source.dispatch()
  }

  replicaInactive(replica: Replica): void {
    void this.evict([replica], 'inactivity')
  }

  private tellEviction(replica: Replica, reason: 'inactivity' | 'room' | 'request'): void {
    this.evictions++
    const idle = replica.idleFor
    this.context.announce('spaceEvict', { ...replica.identity, reason, idle, stateLost: true })
  }

  private get routing(): RoutingLimits {
    return this.breaker.state === 'probing' ? this.probeLimits : this.limits
  }

  private takeOut(replica: Replica): void {
    if (this.slots.takeOut(replica)) this.stale = true
  }

  private make(): Replica {
    if (this.stale) this.generation++
    this.stale = false
    return new Replica(this, this.context, this.generation)
  }

  private start(slot: number): Replica {
    const replica = this.make()
    this.slots.fill(slot, replica)
    return replica
  }

  private startMissing(): void {
    for (const slot of this.slots.empty) this.rebuild(slot)
  }

  private rebuild(slot: number): void {
    const replica = this.start(slot)
    replica.build(undefined, true).then(
      () => this.built(replica),
      (error: Error) => this.notBuilt(replica, error)
    )
  }

  private built(replica: Replica): void {
    replica.tellReady()
    this.serve()
  }

  /** A replica is ready: for calls, or for another set that waits for its room. */
  private serve(): void {
    if (this.state === 'probing') this.breaker.probeReady()
    this.source.dispatch()
    this.context.capacity.mayHaveRoom()
  }

  /** A crash is told by `replicaEnded`; here is what never had a space. */
  private notBuilt(replica: Replica, error: Error): void {
    if (replica.space !== undefined) return
    const slot = this.slots.numberOf(replica)
    this.takeOut(replica)
    this.slots.forget(replica)
    if (this.state === 'probing') return this.breaker.probeFailed()
    if (this.ready.length === 0) this.source.failWaiting(error)
    else this.source.failBound(slot, error)
  }

  private crashed({ cause = 'exit', uptime }: SpaceEnd): void {
    if (this.phase !== 'established') return
    // And the one that was.
    const backoff = this.breaker.crashed(uptime, this.ready.length + 1)
    if (backoff === undefined) return
    if (!this.isShort) {
      this.backoff.hold(backoff)
      this.slots.removeEmpty()
      return
    }
    this.restarts++
    this.backoff.owe(backoff)
    const { packages, key } = this
    this.context.announce('spaceRestart', {
      ...{ key, packages: packages.map(({ as }) => as), generation: this.generation + 1 },
      ...{ cause, backoff }
    })
    this.restartDue()
  }

  /** What crashed is missed: calls wait, or there are fewer than there must be. Else it is as if one less had grown. */
  private get isShort(): boolean {
    return this.source.waiting > 0 || this.slots.filled.length < this.settings.replicas.min
  }

  private restartDue(): void {
    for (const slot of this.slots.empty.slice(0, this.backoff.takeDue())) this.rebuild(slot)
  }

  private backoffOver(): void {
    this.restartDue()
    if (this.source.waiting > 0) this.wake()
  }

  private goneDown(restarts: number, retryAfter: number): void {
    this.cancelStarts()
    const { key, context } = this
    context.announce('setDown', { key, packages: this.packages.map(({ as }) => as), restarts, retryAfter })
    context.logger.error({ key, restarts, retryAfter }, 'the spaces of a set crashed too often, it is down')
    this.source.failWaiting(setDown({ key, retryAfter }))
    for (const replica of this.slots.filled) {
      this.takeOut(replica)
      // Those that did not crash answer what they have.
      void this.replacements.retire(replica, 'recycle')
    }
  }

  private probe(): void {
    this.slots.reset(this.settings.replicas.min)
    this.rebuild(0)
  }

  /** Starts before the set is told to be up: whoever hears of it may end it. */
  private goneUp(): void {
    const { key, generation } = this
    this.startMissing()
    this.context.announce('setUp', { key, packages: this.packages.map(({ as }) => as), generation })
  }

  private cancelStarts(): void {
    this.backoff.clear()
    this.scaling.stop()
  }
}
