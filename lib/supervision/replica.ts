import { poolClosed, spaceStopped } from '../errors.js'
import type { SpacePhase, SpaceStopReason } from '../errors.js'
import type { SpaceIdentity } from '../events.js'
import { neverBegun, type SpaceEnd } from '../space/space-end.js'
import type { Space } from '../space/space.js'
import type { Home, Reference } from '../wire/chain.js'
import type { Script } from '../wire/script.js'
import type { PoolContext } from './context.js'
import type { PendingCall } from './pending-call.js'
import type { Place } from './place.js'
import { ReplicaHome } from './replica-home.js'
import { ReplicaNews } from './replica-news.js'
import { ReplicaPackages, type LoadedSet } from './replica-packages.js'
import { SpaceListener } from './space-listener.js'
import { loadingError, lossError, type LostSpace } from './space-loss.js'
import { Workload } from './workload.js'

/** `waiting` for a place, then as its space, with `loading` before it is `ready`. */
export type ReplicaState = 'waiting' | 'starting' | 'loading' | 'ready' | 'draining' | 'stopping' | 'ended'

/** What a replica knows of the set it serves, and whom it tells. */
export interface ReplicaSet extends LoadedSet {
  readonly key: string
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
  /** Of one that has ended: ms since it was ready; undefined if it never was. */
  lived: number | undefined
  readonly news: ReplicaNews
  readonly home: Home
  readonly packages: ReplicaPackages
  readonly work: Workload
  private readonly listener: SpaceListener
  private readyAt: number | undefined
  /** Aborted when it does not want the place any more that it waits for. */
  private readonly wanted = new AbortController()

  constructor(
    private readonly set: ReplicaSet,
    private readonly context: PoolContext,
    readonly generation: number
  ) {
    this.news = new ReplicaNews(this, context)
    this.packages = new ReplicaPackages(this, set, context.bounds.load)
    const { maxBytes } = context.settings
    this.home = new ReplicaHome(this, set, maxBytes, context.caller, (script) => set.runScript(script, this))
    this.work = new Workload(this, set.settings, context, {
      idle: () => set.replicaIdle(this),
      inactive: () => set.replicaInactive(this),
      due: (reason) => set.replicaDue(this, reason)
    })
    this.listener = new SpaceListener(this, set)
  }

  /** Calls it has and has not answered. */
  get inFlight(): number {
    return this.work.calls.count
  }

  /** Calls it was given. */
  get calls(): number {
    return this.work.calls.total
  }

  /** ms since something was in flight or a callback was called. */
  get idleFor(): number {
    return this.work.activity.idleFor
  }

  /** It has its packages, and is not being ended. */
  get isReady(): boolean {
    return this.state === 'ready'
  }

  /** It can be ended without anybody's loss but the packages' state. */
  get spareable(): boolean {
    return this.isReady && this.inFlight === 0 && this.holds === 0 && !this.isLoading
  }

  /** What it and this process hold of each other. */
  get holds(): number {
    return (this.space?.callbacks ?? 0) + this.references
  }

  get isLoading(): boolean {
    return this.packages.isLoading
  }

  get accepting(): boolean {
    return this.isReady && this.work.calls.forgotten === 0 && this.space?.accepting === true
  }

  /** What refers to objects in it can be used. */
  get isThere(): boolean {
    return this.isReady && this.space?.accepting === true
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

  get identity(): SpaceIdentity {
    const { generation, space } = this
    const packages = this.packages.names
    return { id: space?.id ?? 0, pid: space?.pid ?? 0, key: this.set.key, packages, generation }
  }

  /**
   * Gets a place (or takes the given one), a space, and loads the packages. Rejects with a public error; then it has
   * ended or will. `lenient`: a package that does not load is noted in its `failures` and the others are used.
   */
  async build(place: Place | undefined, lenient: boolean): Promise<void> {
    try {
      await this.obtainSpace(place)
      const space = this.space as Space
      await space.ready
      this.news.about({ space: space.id, pid: space.pid, key: this.set.key })
      this.move('loading')
      await this.packages.load(this.set.packages, lenient)
      this.move('ready')
      this.readyAt = this.context.clock()
    } catch (error) {
      throw loadingError(this.lost, error)
    }
    this.work.begin()
  }

  /** For when it is in its slot, so that those who hear of it find it there. */
  tellReady(): void {
    if (this.isReady) this.news.ready((this.space as Space).startup)
  }

  /** Gives it a call. Throws a public error when the call cannot cross. */
  write(call: PendingCall): void {
    this.work.calls.write(call)
  }

  loading(): void {
    this.work.loading()
  }

  loaded(): void {
    this.touch()
    this.released()
  }

  touch(): void {
    this.work.activity.touch()
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
    const { generation, stopReason, space } = this
    const [pid, spaceId] = [space?.pid ?? null, space?.id ?? null]
    return { key: this.set.key, packages: this.packages.names, generation, pid, spaceId, stopReason }
  }

  released(): void {
    if (this.spareable) this.context.capacity.mayHaveRoom()
  }

  /** It may be due by now. */
  considerRecycling(): void {
    this.work.considerRecycling()
  }

  private async obtainSpace(given: Place | undefined): Promise<void> {
    const { context, set } = this
    const spare = given === undefined ? context.spares.take(set.settings.process) : undefined
    this.place = given ?? spare?.place ?? (await context.capacity.acquire(set.key, this.wanted.signal))
    // It may have been stopped when the place was its own already.
    if (this.state !== 'waiting') {
      context.capacity.release(this.place)
      throw this.notWanted
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
    if (this.readyAt !== undefined) this.lived = this.context.clock() - this.readyAt
    this.set.replicaEnded(this, end)
  }

  private get notWanted(): Error {
    const { key } = this.set
    return this.stopReason === 'close' ? poolClosed() : spaceStopped({ key, reason: 'evict' })
  }

  private leave(state: 'stopping' | 'ended'): void {
    if (this.state === 'waiting') this.wanted.abort(this.notWanted)
    if (state === 'ended') this.work.ended()
    else this.work.ending()
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
