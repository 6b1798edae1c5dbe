import { packageNotAdded, poolClosed, setDown } from '../errors.js'
import type { SpaceEvictEvent } from '../events.js'
import type { SetSettings } from '../settings.js'
import type { Script } from '../wire/script.js'
import type { SpaceEnd } from '../space/space-end.js'
import { Builds } from './builds.js'
import type { CallSource } from './call-source.js'
import type { PoolContext } from './context.js'
import { Endings } from './endings.js'
import type { HeldPackage } from './package-key.js'
import { Recovery } from './recovery.js'
import { Replacements } from './replacements.js'
import { Replica, type ReplicaSet } from './replica.js'
import { chooseReplica, replicaAt, type RoutingLimits } from './routing.js'
import { Scaling } from './scaling.js'
import { SetNews } from './set-news.js'
import { Slots } from './slots.js'

/** The replicas of one set: has them started when calls wait, and ended when they are idle, and chooses one for a call. */
export class Replicas implements ReplicaSet {
  readonly blocking = new Map<string, Error>()
  private phase: 'establishing' | 'established' | 'removed' = 'establishing'
  private readonly limits: RoutingLimits
  private readonly slots: Slots
  private readonly builds: Builds
  private readonly news: SetNews
  private readonly scaling: Scaling
  private readonly replacements: Replacements
  private readonly recovery: Recovery
  private readonly endings: Endings

  constructor(
    private readonly source: CallSource,
    private readonly context: PoolContext
  ) {
    this.slots = new Slots(source.settings.replicas.min)
    this.limits = { concurrency: source.settings.concurrency, unsent: context.bounds.unsent }
    this.news = new SetNews(source, context)
    this.builds = new Builds(this.slots, {
      make: (generation) => new Replica(this, context, generation),
      built: () => this.serve(),
      notBuilt: (slot, error) => this.notBuilt(slot, error)
    })
    this.scaling = new Scaling(this.slots, this.builds, context, {
      settings: source.settings,
      built: () => this.serve(),
      shrunk: () => this.dispatchWaiting(),
      evicting: (replica) => this.news.evicting(replica, 'inactivity')
    })
    this.replacements = new Replacements(this.slots, this.builds, context, this.news, {
      state: () => this.state,
      replaced: () => this.serve()
    })
    this.recovery = new Recovery(this.slots, this.builds, context, this.news, {
      ...{ key: source.key, settings: source.settings, waiting: () => source.waiting },
      dispatch: () => source.dispatch(),
      notStarted: (slot, error) => this.notBuilt(slot, error),
      giveUp: (error) => this.giveUp(error)
    })
    this.endings = new Endings(this.recovery, { state: () => this.state, ready: () => this.ready.length })
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
    return this.phase === 'established' ? this.recovery.breaker.state : this.phase
  }

  /** How often a space of the set was built. */
  get generation(): number {
    return this.builds.generation
  }

  /** After crashes. */
  get restarts(): number {
    return this.recovery.restarts
  }

  get evictions(): number {
    return this.news.evictions
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
    const { state, key } = this
    if (state === 'down' || state === 'probing') {
      throw setDown({ key, retryAfter: this.recovery.breaker.retryAfter })
    }
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
    await this.builds.establish()
    if (this.phase === 'establishing') this.phase = 'established'
    this.endings.established()
    this.serve()
  }

  /** Calls wait: starts what is missing, or one more when all are full. */
  wake(): void {
    if (this.state !== 'up' || !this.endings.areDecided) return
    // Nearly always there is nothing to start, and this runs for every call that waits.
    if (this.scaling.isAtMost && !this.slots.hasEmpty) return
    if (this.recovery.mustWait()) return
    if (this.slots.hasEmpty) this.builds.startMissing()
    else this.scaling.consider()
  }

  /** Ends these replicas; the next call starts others. */
  async evict(replicas: readonly Replica[], reason: SpaceEvictEvent['reason']): Promise<void> {
    if (reason === 'request') this.recovery.forgo()
    await Promise.all(
      replicas.map(async (replica) => {
        // One that waits for a place has nothing to end, and calls may wait for it.
        if (replica.space === undefined) return
        const isNews = this.slots.has(replica)
        this.builds.takeOut(replica)
        const stopped = replica.stop('evict')
        if (isNews) this.news.evicting(replica, reason)
        await stopped
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
    this.leave()
    await Promise.all(this.all.map((replica) => replica.stop(reason)))
  }

  /** Ends all for good, at once. */
  kill(): void {
    this.leave()
    for (const replica of this.all) replica.kill('close')
  }

  runScript(script: Script, replica: Replica): void {
    this.source.run(script, replica)
  }

  replicaEnded(replica: Replica, end: SpaceEnd): void {
    const slot = this.slots.numberOf(replica)
    const counts = slot >= 0 || this.scaling.isGrowing(replica)
    this.builds.takeOut(replica)
    this.slots.forget(replica)
    if (replica.place !== undefined) this.context.capacity.release(replica.place)
    this.endings.ended(replica, end, counts ? slot : undefined)
    this.dispatchWaiting()
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

  /** A set that was down shows with one call at a time whether it can live. */
  private get routing(): RoutingLimits {
    return this.recovery.breaker.state === 'probing' ? { ...this.limits, concurrency: 1 } : this.limits
  }

  /** A replica is ready: for calls, or for another set that waits for its room. */
  private serve(): void {
    if (this.phase === 'established') this.recovery.started()
    this.source.dispatch()
    this.context.capacity.mayHaveRoom()
  }

  /** What has ended may have been all that a call waited for, and what it waits for now may be there. */
  private dispatchWaiting(): void {
    if (this.phase === 'established' && this.source.waiting > 0) this.source.dispatch()
  }

  private notBuilt(slot: number, error: Error): void {
    if (this.state === 'probing') return this.recovery.breaker.probeNotPlaced()
    if (this.ready.length === 0) this.source.failWaiting(error)
    else this.source.failBound(slot, error)
  }

  /** The set is down. */
  private giveUp(error: Error): void {
    this.scaling.stop()
    this.source.failWaiting(error)
    for (const replica of this.slots.filled) {
      this.builds.takeOut(replica)
      // Those that did not crash answer what they have.
      void this.replacements.retire(replica, 'recycle')
    }
  }

  private leave(): void {
    this.phase = 'removed'
    this.recovery.stop()
    this.scaling.stop()
  }
}
