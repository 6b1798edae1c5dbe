import { poolClosed, spaceStopped } from '../errors.js'
import type { SpacePhase, SpaceStopReason } from '../errors.js'
import type { SpaceIdentity } from '../events.js'
import type { SetSettings } from '../settings.js'
import type { UnblockingStep } from '../space/cancellation.js'
import { neverBegun, type SpaceEnd } from '../space/space-end.js'
import type { SpaceOwner } from '../space/space-owner.js'
import type { Space } from '../space/space.js'
import type { Home, Reference, ReferenceNote } from '../wire/chain.js'
import type { Script } from '../wire/script.js'
import { Activity } from './activity.js'
import type { PoolContext } from './context.js'
import { Heartbeat } from './heartbeat.js'
import { MemoryWatch } from './memory-watch.js'
import type { HeldPackage } from './package-key.js'
import type { CallCarrier, PendingCall } from './pending-call.js'
import type { Place } from './place.js'
import { Recycling } from './recycling.js'
import { ReplicaHome } from './replica-home.js'
import { ReplicaNews } from './replica-news.js'
import { ReplicaPackages } from './replica-packages.js'
import { loadingError, lossError, type LostSpace } from './space-loss.js'
import type { SpaceLife } from './recycle-policy.js'

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
export class Replica implements SpaceOwner, CallCarrier {
  state: ReplicaState = 'waiting'
  space: Space | undefined
  place: Place | undefined
  /** Calls it has and has not answered. */
  inFlight = 0
  /** Calls it was given. */
  calls = 0
  /** Why it is ended on purpose. */
  stopReason: SpaceStopReason | undefined
  /** Calls that nobody waits for and that it has not said to be through with: it may be blocked. */
  private forgotten = 0
  readonly news: ReplicaNews
  readonly home: Home
  private readonly held: ReplicaPackages
  /** Packages that did not load when it was rebuilt: calls of them fail with this. */
  readonly failures: ReadonlyMap<string, Error>
  private readonly activity: Activity
  private readonly heartbeat: Heartbeat
  private readonly recycling: Recycling
  /** Calls after which it may be due. */
  private readonly mostCalls: number
  private readonly memoryWatch: MemoryWatch
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
    const { clock, bounds, timetable, keepAlive } = context
    const { schedule } = timetable
    const { heartbeat, recycle, inactivityTimeout } = set.settings
    this.activity = new Activity(inactivityTimeout, clock, timetable, keepAlive, this)
    this.heartbeat = new Heartbeat(heartbeat, clock, schedule, {
      busy: () => this.activity.goesOn && this.state !== 'ended',
      heard: () => this.space?.heard ?? 0,
      ask: () => this.space?.ping(),
      silent: (silence) => void this.noticeSilence(silence),
      answered: () => this.news.responsive()
    })
    this.recycling = new Recycling(recycle, bounds.shortestLife, clock, schedule, {
      life: () => this.life,
      due: (reason) => set.replicaDue(this, reason)
    })
    this.mostCalls = this.recycling.limits.calls
    this.memoryWatch = new MemoryWatch(recycle.hardMemory, schedule, {
      pid: () => this.space?.pid,
      busy: () => this.inFlight > 0 && this.state !== 'stopping' && this.state !== 'ended',
      kill: () => this.space?.kill('out-of-memory')
    })
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
  private get holds(): number {
    return (this.space?.callbacks ?? 0) + this.references
  }

  get accepting(): boolean {
    return this.state === 'ready' && this.forgotten === 0 && this.space?.accepting === true
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
    this.recycling.consider()
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
    // Chains go on from each other, so they must not overtake each other.
    call.id = (this.space as Space).request(call.request, call, call.script !== undefined)
    call.state = 'written'
    call.carrier = this
    call.attempts++
    this.calls++
    if (this.inFlight++ === 0) this.busy()
  }

  /** One call less is in flight. */
  finished(): void {
    this.inFlight--
    if (this.calls >= this.mostCalls) this.recycling.consider()
    if (this.inFlight > 0) return
    this.activity.touch()
    this.set.replicaIdle(this)
  }

  /**
   * Nobody waits for this call any more; it is in flight until the space says that it is through with it, and then
   * `done` is called. Until then it gets no others, which a blocked space would take with it.
   */
  forget(call: PendingCall, told: (stack: string | undefined) => void, done: () => void): void {
    this.forgotten++
    this.space?.cancel(call.id, {
      told,
      done: () => {
        this.forgotten--
        done()
      },
      // An interrupt discards the microtasks of all calls in flight.
      mayLiveOn: () => this.inFlight === 1 && this.holds === 0
    })
  }

  lose(): { crashed: boolean; error: Error } {
    this.inFlight--
    const end = this.space?.end ?? neverBegun
    return { crashed: end.cause !== undefined, error: this.lossError(end, 'written') }
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

  output(stream: 'stdout' | 'stderr', line: string): void {
    this.news.output(stream, line)
  }

  outputDropped(lines: number): void {
    this.news.outputDropped(lines)
  }

  /** While a call is in flight it counts as active: reading the clock took a tenth of the time for callbacks (Node 20). */
  active(): void {
    if (this.inFlight === 0) this.activity.touch()
  }

  streamAsked(change: 1 | -1): void {
    this.activity.streamAsked(change)
  }

  referenceForgotten(note: ReferenceNote): void {
    this.news.referenceForgotten(note)
  }

  trouble(error: unknown): void {
    this.news.callbackFailed(error)
  }

  reported(): void {
    this.memoryWatch.enforce(this.space?.memory ?? 0)
    this.recycling.consider()
  }

  relieved(): void {
    this.set.replicaRelieved()
  }

  released(): void {
    if (this.spareable) this.context.capacity.mayHaveRoom()
  }

  /** It may be due by now. */
  considerRecycling(): void {
    this.recycling.consider()
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
    const space = spare?.space ?? context.startSpace(set.settings.process, this)
    space.owner = this
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
    this.heartbeat.start()
    this.memoryWatch.start()
  }

  inactive(): void {
    this.set.replicaInactive(this)
  }

  /** What it is doing is told, too, as far as it can be found out. */
  private async noticeSilence(silence: number): Promise<void> {
    const stack = await this.space?.unblocking.lookInto()
    if (this.state !== 'ended') this.news.unresponsive('noticed', silence, stack)
  }

  unblocking(step: UnblockingStep, silence: number, stack: string | undefined): void {
    this.news.unresponsive(step, silence, stack)
  }

  private get life(): SpaceLife | undefined {
    if (this.state !== 'ready') return undefined
    return { calls: this.calls, age: this.context.clock() - this.readyAt, memory: this.space?.memory ?? null }
  }

  private leave(state: 'stopping' | 'ended'): void {
    this.activity.stop()
    this.recycling.stop()
    this.memoryWatch.stop()
    if (state === 'ended') this.heartbeat.stop()
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
