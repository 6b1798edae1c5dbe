import { poolClosed, spaceStopped } from '../errors.js'
import type { SpacePhase, SpaceStopReason } from '../errors.js'
import type { SpaceIdentity } from '../events.js'
import type { SetSettings } from '../settings.js'
import { neverBegun, type SpaceEnd } from '../space/space-end.js'
import type { Space } from '../space/space.js'
import type { Home, Reference } from '../wire/chain.js'
import type { Script } from '../wire/script.js'
import { Activity } from './activity.js'
import { CallsInFlight } from './calls-in-flight.js'
import type { PoolContext } from './context.js'
import type { HeldPackage } from './package-key.js'
import type { PendingCall } from './pending-call.js'
import type { Place } from './place.js'
import type { SpaceLife } from './recycle-policy.js'
import { ReplicaHome } from './replica-home.js'
import { ReplicaNews } from './replica-news.js'
import { ReplicaPackages } from './replica-packages.js'
import { SpaceListener } from './space-listener.js'
import { loadingError, lossError, type LostSpace } from './space-loss.js'
import { Watches } from './watches.js'

/** `waiting` for a place, then as its space, with `loading` before it is `ready`. */
export type ReplicaState = 'waiting' | 'starting' | 'loading' | 'ready' | 'draining' | 'stopping' | 'ended'

/** What a replica knows of the set it serves, and whom it tells. */
export interface ReplicaSet {
  readonly key: string
  readonly settings: SetSettings
  readonly packages: readonly HeldPackage[]
  replicaEnded(replica: Replica, end: SpaceEnd): void
  /** Nothing is in flight in it any more. */
  replicaIdle(replica: Replica): void
  /** It should be replaced, between calls. */
  replicaDue(replica: Replica, reason: 'recycle' | 'memory'): void
  /** One of them takes again what it is sent. */
  replicaRelieved(): void
  /** Chains that go on from references to it. */
  runScript(script: Script, replica: Replica): void
  /** Its time without activity is over. */
  replicaInactive(replica: Replica): void
}

/** One space that holds the packages of a set, from the wait for a place to its end. */
export class Replica {
  state: ReplicaState = 'waiting'
  space: Space | undefined
  place: Place | undefined
  /** Why it is ended on purpose. */
  stopReason: SpaceStopReason | undefined
  readonly news: ReplicaNews
  readonly home: Home
  private readonly held: ReplicaPackages
  /** Packages that did not load when it was rebuilt: calls of them fail with this. */
  readonly failures: ReadonlyMap<string, Error>
  private readonly activity: Activity
  private readonly watches: Watches
  private readonly carried: CallsInFlight
  private readonly listener: SpaceListener
  private readyAt = 0

  constructor(
    private readonly set: ReplicaSet,
    private readonly context: PoolContext,
    readonly generation: number
  ) {
    this.news = new ReplicaNews(this, context)
    this.held = new ReplicaPackages(this, set, context.bounds.load)
    this.failures = this.held.failures
    const { maxBytes } = context.settings
    this.home = new ReplicaHome(this, set, maxBytes, context.caller, (script) => set.runScript(script, this))
    const { clock, timetable, keepAlive } = context
    this.activity = new Activity(set.settings.inactivityTimeout, clock, timetable, keepAlive, this)
    this.watches = new Watches(this, set.settings, context)
    this.carried = new CallsInFlight(this, this.watches.mostCalls)
    this.listener = new SpaceListener(this, this.news, this.activity, this.watches)
  }

  /** Calls it has and has not answered. */
  get inFlight(): number {
    return this.carried.count
  }

  /** Calls it was given. */
  get calls(): number {
    return this.carried.total
  }

  get isActive(): boolean {
    return this.activity.goesOn
  }

  /** ms since something was in flight or a callback was called. */
  get idleFor(): number {
    return this.activity.idleFor
  }

  /** It can be ended without anybody's loss but the packages' state. */
  get spareable(): boolean {
    return this.state === 'ready' && this.inFlight === 0 && this.holds === 0
  }

  /** What it and this process hold of each other. */
  get holds(): number {
    return (this.space?.callbacks ?? 0) + this.references
  }

  get accepting(): boolean {
    return this.state === 'ready' && this.carried.forgotten === 0 && this.space?.accepting === true
  }

  /** What refers to objects in it can be used. */
  get isThere(): boolean {
    return this.state === 'ready' && this.space?.accepting === true
  }

  /** Objects and functions in it that this process refers to. */
  get references(): number {
    return this.space?.references ?? 0
  }

  /** A reference to it is not needed any more. */
  release(reference: Reference): void {
    this.space?.giveBack(reference)
    this.released()
  }

  /** Bytes of small messages that its space has not taken yet. */
  get unsentBytes(): number {
    return this.space?.unsentBytes ?? 0
  }

  get packages(): string[] {
    return this.set.packages.map(({ as }) => as)
  }

  get identity(): SpaceIdentity {
    const { generation, packages } = this
    return { id: this.space?.id ?? 0, pid: this.space?.pid ?? 0, key: this.set.key, packages, generation }
  }

  /**
   * Gets a place (or takes the given one), a space, and loads the packages. Rejects with a public error; then it has
   * ended or will. `lenient`: a package that does not load is noted in `failures` and the others are used.
   */
  async build(place: Place | undefined, lenient: boolean): Promise<void> {
    try {
      await this.obtainSpace(place)
      const space = this.space as Space
      await space.ready
      this.news.about({ space: space.id, pid: space.pid, key: this.set.key })
      this.move('loading')
      await this.held.load(this.set.packages, lenient)
      this.move('ready')
    } catch (error) {
      throw loadingError(this.lost, error)
    }
    this.activity.touch()
    this.readyAt = this.context.clock()
    this.activity.watch()
    this.watches.considerRecycling()
  }

  /** For when it is in its slot, so that those who hear of it find it there. */
  tellReady(): void {
    if (this.state === 'ready') this.news.ready((this.space as Space).startup)
  }

  /** Loads more packages. Rejects with a public error. */
  load(packages: readonly HeldPackage[]): Promise<void> {
    return this.held.load(packages, false)
  }

  /** Loads what was added to its set after it was built. What does not load is noted in `failures`. */
  loadMissing(): Promise<void> {
    return this.held.loadMissing()
  }

  /** Gives it a call. Throws a public error when the call cannot cross. */
  write(call: PendingCall): void {
    this.carried.write(call)
  }

  /** No call is in flight any more. */
  idle(): void {
    this.activity.touch()
    this.set.replicaIdle(this)
  }

  touch(): void {
    this.activity.touch()
  }

  /** It gets no further calls. */
  drain(reason: SpaceStopReason): void {
    this.stopReason = reason
    this.move('draining')
    this.space?.drain()
  }

  /** Ends it, with all it holds. Settles when it has ended. */
  async stop(reason: SpaceStopReason): Promise<void> {
    this.stopReason ??= reason
    this.leave('stopping')
    if (this.space === undefined) return
    await this.space.stop()
  }

  /** Ends it at once. */
  kill(reason: SpaceStopReason): void {
    this.stopReason ??= reason
    this.leave('stopping')
    this.space?.kill()
  }

  /** The error for what was lost when it ended. */
  lossError(end: SpaceEnd, phase: SpacePhase): Error {
    return lossError(this.lost, end, phase)
  }

  get lost(): LostSpace {
    const { packages, generation, stopReason, space } = this
    const [pid, spaceId] = [space?.pid ?? null, space?.id ?? null]
    return { key: this.set.key, packages, generation, pid, spaceId, stopReason }
  }

  /** Chains that nobody awaits have failed. */
  trouble(error: unknown): void {
    this.news.callbackFailed(error)
  }

  relieved(): void {
    this.set.replicaRelieved()
  }

  released(): void {
    if (this.spareable) this.context.capacity.mayHaveRoom()
  }

  /** It may be due by now. */
  considerRecycling(): void {
    this.watches.considerRecycling()
  }

  private async obtainSpace(given: Place | undefined): Promise<void> {
    const { context, set } = this
    const spare = given === undefined ? context.spares.take(set.settings.process) : undefined
    this.place = given ?? spare?.place ?? (await context.capacity.acquire(set.key))
    // It may have been stopped while it waited.
    if (this.state !== 'waiting') {
      context.capacity.release(this.place)
      throw this.stopReason === 'close' ? poolClosed() : spaceStopped({ key: set.key, reason: 'evict' })
    }
    const space = spare?.space ?? context.startSpace(set.settings.process, this.listener)
    space.owner = this.listener
    this.space = space
    this.move('starting')
    this.news.about({ space: space.id, key: set.key })
    void space.ended.then((end) => this.ended(end))
  }

  /** For when it is out of its slot, and before what follows from it. */
  tellEnd(end: SpaceEnd): void {
    this.news.ended(end, this.stopReason)
  }

  private ended(end: SpaceEnd): void {
    this.leave('ended')
    this.set.replicaEnded(this, end)
  }

  /** It has got something to do. */
  busy(): void {
    this.watches.busy()
  }

  inactive(): void {
    this.set.replicaInactive(this)
  }

  due(reason: 'recycle' | 'memory'): void {
    this.set.replicaDue(this, reason)
  }

  get life(): SpaceLife | undefined {
    if (this.state !== 'ready') return undefined
    return { calls: this.calls, age: this.context.clock() - this.readyAt, memory: this.space?.memory ?? null }
  }

  private leave(state: 'stopping' | 'ended'): void {
    this.activity.stop()
    if (state === 'ended') this.watches.ended()
    else this.watches.ending()
    if (this.state !== 'ended') this.state = state
  }

  /** A replica that is being ended moves nowhere else. */
  private move(state: ReplicaState): void {
    if (this.state === 'stopping' || this.state === 'ended') {
      throw this.lossError(this.space?.end ?? neverBegun, 'loading')
    }
    this.state = state
  }
}
