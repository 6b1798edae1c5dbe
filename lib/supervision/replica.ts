import {
  errorFromRefusal,
  packageLoadFailed,
  spaceCrashed,
  spaceStartFailed,
  spaceStopped,
  poolClosed
} from '../errors.js'
import type { SpaceCrashCause, SpacePhase, SpaceStopReason } from '../errors.js'
import type { SpaceIdentity } from '../events.js'
import type { Logger } from '../logger.js'
import type { SetSettings } from '../settings.js'
import type { Space, SpaceEnd, SpaceOwner } from '../space/space.js'
import type { UnblockingStep } from '../space/cancellation.js'
import { residentMemory } from '../space/resident-memory.js'
import { Refusal } from '../wire/refusal.js'
import type { PoolContext } from './context.js'
import type { HeldPackage } from './package-key.js'
import type { CallCarrier, PendingCall } from './pending-call.js'
import type { Place } from './place.js'
import { Heartbeat } from './heartbeat.js'
import { drawLimits, nextLook, recycleReason, type RecycleLimits, type SpaceLife } from './recycle-policy.js'
import type { DueList, Entry } from './timetable.js'

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
  /** Its time without activity is over. */
  replicaInactive(replica: Replica): void
}

/** ms between two looks at the memory of a space that has a hard limit. */
const MEMORY_WATCH = 250

/** One space that holds the packages of a set, from the wait for a place to its end. */
export class Replica implements SpaceOwner, CallCarrier, Entry {
  state: ReplicaState = 'waiting'
  space: Space | undefined
  place: Place | undefined
  /** Calls it has and has not answered. */
  inFlight = 0
  /** Calls it was given. */
  calls = 0
  /** Why it is ended on purpose. */
  stopReason: SpaceStopReason | undefined
  /** Packages that did not load when it was rebuilt: calls of them fail with this. */
  readonly failures = new Map<string, Error>()
  /** Names of the packages it holds, or has in `failures`. */
  private readonly loaded = new Set<string>()
  /** Calls that nobody waits for and that it has not said to be through with: it may be blocked. */
  private forgotten = 0
  deadline = 0
  list: DueList | undefined
  previous: Entry | undefined
  next: Entry | undefined
  private lastActive: number
  private dropped = 0
  private logger: Logger
  private readonly heartbeat: Heartbeat
  private readonly limits: RecycleLimits
  private readyAt = 0
  private lookAt = Infinity
  private cancelLook: (() => void) | undefined
  private cancelMemoryWatch: (() => void) | undefined

  constructor(
    private readonly set: ReplicaSet,
    private readonly context: PoolContext,
    readonly generation: number
  ) {
    this.lastActive = context.clock()
    this.logger = context.logger
    this.limits = drawLimits(set.settings.recycle)
    const { clock, timetable } = context
    this.heartbeat = new Heartbeat(set.settings.heartbeat, clock, timetable.schedule, {
      busy: () => this.inFlight > 0 && this.state !== 'ended',
      heard: () => this.space?.heard ?? 0,
      ask: () => this.space?.ping(),
      silent: (silence) => void this.noticeSilence(silence),
      answered: () => this.logger.info({}, 'space answers again')
    })
  }

  /** ms since something was in flight or a callback was called. */
  get idleFor(): number {
    return this.inFlight > 0 ? 0 : this.context.clock() - this.lastActive
  }

  /** It can be ended without anybody's loss but the packages' state. */
  get spareable(): boolean {
    return this.state === 'ready' && this.inFlight === 0 && this.space?.callbacks === 0
  }

  get accepting(): boolean {
    return this.state === 'ready' && this.forgotten === 0 && this.space?.accepting === true
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
      this.logger = this.context.logger.child({ space: space.id, pid: space.pid, key: this.set.key })
      this.move('loading')
      for (const held of this.set.packages) await this.loadOne(space, held, lenient)
      this.move('ready')
    } catch (error) {
      throw this.publicError(error)
    }
    this.touch()
    this.readyAt = this.context.clock()
    this.watchInactivity()
    this.considerRecycling()
  }

  /** For when it is in its slot, so that those who hear of it find it there. */
  tellReady(): void {
    if (this.state !== 'ready') return
    this.context.announce('spaceReady', { ...this.identity, startup: (this.space as Space).startup })
    this.logger.info({ generation: this.generation, packages: this.packages }, 'space ready')
  }

  /** Loads more packages. Rejects with a public error. */
  async load(packages: readonly HeldPackage[]): Promise<void> {
    try {
      for (const held of packages) await this.loadOne(this.space as Space, held, false)
    } catch (error) {
      throw this.publicError(error)
    }
  }

  /** Loads what was added to its set after it was built. What does not load is noted in `failures`. */
  async loadMissing(): Promise<void> {
    const missing = this.set.packages.filter(({ as }) => !this.loaded.has(as))
    try {
      for (const held of missing) await this.loadOne(this.space as Space, held, true)
    } catch (error) {
      this.logger.error({ err: this.publicError(error) }, 'a space ended while it loaded a package')
    }
  }

  /** Gives it a call. Throws a public error when the call cannot cross. */
  write(call: PendingCall): void {
    call.id = (this.space as Space).request(
      { type: 'call', id: 0, target: call.target, parameters: call.parameters },
      call
    )
    call.state = 'written'
    call.carrier = this
    call.attempts++
    this.calls++
    if (this.inFlight++ === 0) this.busy()
  }

  /** One call less is in flight. */
  finished(): void {
    this.inFlight--
    if (this.calls >= this.limits.calls) this.considerRecycling()
    if (this.inFlight > 0) return
    this.touch()
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
      mayLiveOn: () => this.inFlight === 1 && this.space?.callbacks === 0
    })
  }

  lose(): { crashed: boolean; error: Error } {
    this.inFlight--
    const end = this.space?.end ?? stoppedEnd
    return { crashed: end.cause !== undefined, error: this.lossError(end, 'written') }
  }

  touch(): void {
    this.lastActive = this.context.clock()
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
    const { key } = this.set
    if (end.cause === undefined) {
      return this.stopReason === 'close'
        ? poolClosed()
        : spaceStopped({ key, reason: this.stopReason ?? 'evict' })
    }
    const { exitCode, signal, stderr } = end
    if (end.cause === 'start') {
      const reason = end.failure instanceof Error ? end.failure.message : 'it ended before it was ready'
      return spaceStartFailed({ key, reason, exitCode, signal, stderr, cause: end.failure })
    }
    const cause: SpaceCrashCause =
      end.cause === 'blocked' && phase === 'written' ? 'neighbour-timeout' : end.cause
    const { packages, generation } = this
    const [pid, spaceId] = [this.space?.pid ?? null, this.space?.id ?? null]
    return spaceCrashed({ phase, exitCode, signal, cause, packages, generation, key, pid, spaceId, stderr })
  }

  due(): void {
    const { inactivityTimeout } = this.set.settings
    const left = Math.ceil(inactivityTimeout - this.idleFor)
    if (left > 0) this.context.timetable.add(this, left)
    else this.set.replicaInactive(this)
  }

  output(stream: 'stdout' | 'stderr', line: string): void {
    this.context.announce('spaceOutput', { ...this.identity, stream, line, dropped: this.dropped })
    this.dropped = 0
    this.logger.info({ stream, line }, 'output')
  }

  outputDropped(lines: number): void {
    this.dropped += lines
    this.logger.warn({ lines }, 'output came too fast, lines were left out')
  }

  active(): void {
    this.touch()
  }

  trouble(error: unknown): void {
    const problem = error instanceof Refusal ? errorFromRefusal(error.code, error.details) : error
    this.context.announce('error', { error: problem, key: this.set.key, id: this.space?.id ?? null })
    this.logger.error({ err: problem }, 'a callback failed')
  }

  reported(): void {
    this.enforceMemory(this.space?.memory ?? 0)
    this.considerRecycling()
  }

  relieved(): void {
    this.set.replicaRelieved()
  }

  released(): void {
    if (this.spareable) this.context.capacity.mayHaveRoom()
  }

  /** Replaced now if it is due, else looked at again when it may be: for its age, or when it has lived long enough. */
  considerRecycling(): void {
    if (this.state !== 'ready') return
    const { life, limits } = this
    const { shortestLife } = this.context.bounds
    const reason = recycleReason(life, limits, shortestLife)
    if (reason !== undefined) return this.set.replicaDue(this, reason === 'memory' ? 'memory' : 'recycle')
    const wait = nextLook(life, limits, shortestLife)
    const at = this.context.clock() + wait
    // Whatever else changes, only calls and memory that have reached their limit bring the look forward.
    if (wait === Infinity || at > this.lookAt - 1) return
    this.cancelLook?.()
    this.lookAt = at
    this.cancelLook = this.context.timetable.schedule(Math.ceil(wait), () => {
      this.lookAt = Infinity
      this.considerRecycling()
    })
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
    this.logger = context.logger.child({ space: space.id, key: set.key })
    void space.ended.then((end) => this.ended(end))
  }

  private async loadOne(space: Space, held: HeldPackage, lenient: boolean): Promise<void> {
    const { name, as, parameters } = held
    const load = { name, as, paths: this.set.settings.paths }
    try {
      await space.add(load, parameters, this.context.bounds.load)
      this.loaded.add(as)
      this.failures.delete(as)
    } catch (error) {
      if (!lenient || !(error instanceof Refusal)) throw error
      this.loaded.add(as)
      this.failures.set(as, this.publicError(error))
      this.logger.error({ err: this.publicError(error), package: name }, 'a package did not load again')
    }
  }

  private publicError(error: unknown): Error {
    if (error instanceof Refusal) {
      return error.code === 'CANCELED'
        ? packageLoadFailed({ package: '' })
        : errorFromRefusal(error.code, error.details)
    }
    if (error instanceof Error) return error
    return this.lossError(error as SpaceEnd, 'loading')
  }

  /** For when it is out of its slot, and before what follows from it. */
  tellEnd(end: SpaceEnd): void {
    const { exitCode, signal, stderr, uptime } = end
    const reason = end.cause === undefined ? (this.stopReason ?? 'close') : 'crash'
    const cause = end.cause ?? null
    this.context.announce('spaceExit', { ...this.identity, reason, cause, exitCode, signal, stderr, uptime })
    const record = { reason, cause, exitCode, signal, stderr, uptime, err: end.failure }
    if (cause === null) this.logger.info(record, 'space ended')
    else this.logger.error(record, 'space crashed')
  }

  private ended(end: SpaceEnd): void {
    this.leave('ended')
    this.set.replicaEnded(this, end)
  }

  /** It has got something to do. */
  private busy(): void {
    this.heartbeat.start()
    if (this.set.settings.recycle.hardMemory !== Infinity) this.watchMemory()
  }

  /** What it is doing is told, too, as far as it can be found out. */
  private async noticeSilence(silence: number): Promise<void> {
    const stack = await this.space?.lookInto()
    if (this.state !== 'ended') this.tellUnresponsive('noticed', silence, stack ?? null)
  }

  unblocking(step: UnblockingStep, silence: number, stack: string | undefined): void {
    this.tellUnresponsive(step, silence, stack ?? null)
  }

  private tellUnresponsive(
    step: 'noticed' | UnblockingStep,
    silence: number,
    remoteStack: string | null
  ): void {
    this.context.announce('spaceUnresponsive', { ...this.identity, step, silence, remoteStack })
    this.logger.warn({ step, silence, remoteStack }, 'space does not answer')
  }

  private get life(): SpaceLife {
    return { calls: this.calls, age: this.context.clock() - this.readyAt, memory: this.space?.memory ?? null }
  }

  /** Looks from outside: what hoards memory in a loop does not report it. */
  private watchMemory(): void {
    this.cancelMemoryWatch ??= this.context.timetable.schedule(MEMORY_WATCH, () => {
      this.cancelMemoryWatch = undefined
      this.enforceMemory(residentMemory(this.space?.pid ?? 0) ?? 0)
      if (this.inFlight > 0 && this.state !== 'stopping' && this.state !== 'ended') this.watchMemory()
    })
  }

  private enforceMemory(memory: number): void {
    if (memory >= this.set.settings.recycle.hardMemory) this.space?.kill('out-of-memory')
  }

  private watchInactivity(): void {
    if (this.state === 'ready') this.context.timetable.add(this, this.set.settings.inactivityTimeout)
  }

  private leave(state: 'stopping' | 'ended'): void {
    this.context.timetable.remove(this)
    this.cancelLook?.()
    this.cancelMemoryWatch?.()
    if (state === 'ended') this.heartbeat.stop()
    if (this.state !== 'ended') this.state = state
  }

  /** A replica that is being ended moves nowhere else. */
  private move(state: ReplicaState): void {
    if (this.state === 'stopping' || this.state === 'ended') {
      throw this.lossError(this.space?.end ?? stoppedEnd, 'loading')
    }
    this.state = state
  }
}

const stoppedEnd: SpaceEnd = {
  exitCode: null,
  signal: null,
  cause: undefined,
  stderr: '',
  uptime: 0,
  failure: undefined
}
