import type { ChildProcess } from 'node:child_process'
import { errorFromRefusal, type SpaceCrashCause } from '../errors.js'
import type { StopSettings } from '../settings.js'
import { ProtocolViolation } from '../wire/byte-reader.js'
import { now } from '../wire/clock.js'
import {
  Connection,
  UNSENT_LIMIT,
  type ConnectionLimits,
  type ConnectionOwner,
  type OwnerMessage
} from '../wire/connection.js'
import { PROTOCOL_VERSION, type PackageLoad, type Request } from '../wire/messages.js'
import type { Packed } from '../wire/packed.js'
import type { RequestSink } from '../wire/pending.js'
import { Refusal } from '../wire/refusal.js'
import {
  Cancellation,
  type CancellationWatcher,
  type CancellingSpace,
  type UnblockingStep
} from './cancellation.js'
import { endProcess, killNow } from './end-process.js'
import { interrupt, takeStack } from './hang.js'
import { Output, type OutputStream } from './output.js'
import type { Schedule } from './schedule.js'
import type { StartedProcess } from './start-process.js'

/** `starting` until it has said that it is ready. A space never goes back to an earlier state. */
export type SpaceState = 'starting' | 'ready' | 'draining' | 'stopping' | 'exited'

const order: readonly SpaceState[] = ['starting', 'ready', 'draining', 'stopping', 'exited']

/** How a space ended. */
export interface SpaceEnd {
  readonly exitCode: number | null
  readonly signal: string | null
  /** What made it crash; undefined when it was asked to end. */
  readonly cause: SpaceCrashCause | undefined
  /** The last of what it wrote to stderr, up to 8 KiB. */
  readonly stderr: string
  /** ms from its start. */
  readonly uptime: number
  /** Why there never was a process, or what it sent that no space sends. */
  readonly failure: unknown
}

/** Who is told what happens in a space: only told, never asked. */
export interface SpaceOwner {
  output(stream: OutputStream, line: string): void
  /** So many lines of output came too fast and were left out. */
  outputDropped(lines: number): void
  /** A callback was called. */
  active(): void
  /** A callback threw, or could not be told something. */
  trouble(error: unknown): void
  /** A callback was released. */
  released(): void
  /** It takes what it is sent again. */
  relieved(): void
  /** It told how much memory it has. */
  reported(): void
  /** It is blocked, has not answered for so many ms, and this is done about it. */
  unblocking(step: UnblockingStep, silence: number, stack: string | undefined): void
}

/** What a space needs from its pool. */
export interface SpaceContext {
  readonly limits: ConnectionLimits
  readonly stop: StopSettings
  readonly schedule: Schedule
  /** Told as soon as there is a process, and as soon as it has exited. */
  readonly reaper: { watch(pid: number): void; forget(pid: number): void }
}

/** ms from the start until a space must be ready; a bare Node needs about 40. */
const READY_WITHIN = 10_000
/** ms after the exit in which what was sent before it is still read. */
const LAST_FRAMES = 50
/** ms for a look into a space that missed its heartbeat: nobody waits for it. */
const LOOK_WITHIN = 1000
/** Nobody wants to know. */
const nobody: CancellationWatcher = {
  told: () => undefined,
  done: () => undefined,
  mayLiveOn: () => false
}

/**
 * One child process, from its start to its exit, seen from the host. It starts the process, speaks with it, ends it,
 * and knows why it ended; what it is used for is its owner's business. It lives once: after an exit comes a new object.
 */
export class Space implements ConnectionOwner, CancellingSpace {
  state: SpaceState = 'starting'
  /** Who hears of it; a spare changes hands. */
  owner: SpaceOwner
  child: ChildProcess | undefined
  /** Resident memory in bytes, as it last said. */
  memory: number | null = null
  /** ms from its start until it was ready. */
  startup = 0
  /** Settles when it is ready; rejects with its SpaceEnd when it ends before. */
  readonly ready: Promise<void>
  /** Settles when it has exited, what it sent was handled, and those who waited for its answers were told. */
  readonly ended: Promise<SpaceEnd>
  /** Known when those who wait for its answers are told that they are lost. */
  end: SpaceEnd | undefined
  readonly startedAt = now()
  private connection: Connection | undefined
  private output: Output | undefined
  private cause: SpaceCrashCause | undefined
  private asked = false
  private unblocking = false
  private failure: unknown
  private settleReady!: { resolve: () => void; reject: (end: SpaceEnd) => void }
  private settleEnded!: (end: SpaceEnd) => void
  private framesEnded!: () => void
  private readonly frames = new Promise<void>((resolve) => (this.framesEnded = resolve))
  private cancelReadiness: () => void = () => undefined

  constructor(
    readonly id: number,
    private readonly context: SpaceContext,
    owner: SpaceOwner
  ) {
    this.owner = owner
    this.ready = new Promise((resolve, reject) => (this.settleReady = { resolve, reject }))
    this.ready.catch(() => undefined)
    this.ended = new Promise((resolve) => (this.settleEnded = resolve))
  }

  get schedule(): Schedule {
    return this.context.schedule
  }

  get pid(): number | undefined {
    return this.child?.pid
  }

  get uptime(): number {
    return now() - this.startedAt
  }

  /** Functions of the host that it may call. */
  get callbacks(): number {
    return this.connection?.lent.size ?? 0
  }

  /** What is sent now would reach it, as far as is known. */
  get accepting(): boolean {
    return this.state === 'ready' && this.connection?.isOpen === true
  }

  /** Bytes of small messages that it has not taken yet. */
  get unsentBytes(): number {
    return this.connection?.unsentBytes ?? 0
  }

  /** Gives it its process, at once or later. If there is none, the space ends with the failure in its SpaceEnd. */
  launch(started: StartedProcess | Promise<StartedProcess>): this {
    if (started instanceof Promise) {
      started.then(
        (process) => this.begin(process),
        (error: unknown) => this.neverStarted(error)
      )
    } else {
      this.begin(started)
    }
    return this
  }

  /** Loads a package. Rejects with a Refusal, or with the SpaceEnd when the space ends first. */
  add(load: PackageLoad, parameters: Packed | null | undefined, timeout: number): Promise<void> {
    return new Promise((resolve, reject) => {
      let cancelTimeout = (): void => undefined
      const settle = (then: () => void): void => {
        cancelTimeout()
        then()
      }
      const id = this.request(
        { type: 'add', id: 0, load, parameters },
        {
          answered: () => settle(resolve),
          failed: (cause) =>
            settle(() => reject(new Refusal('PACKAGE_LOAD_FAILED', { package: load.name, cause }))),
          refused: (code, details) => settle(() => reject(new Refusal(code, details))),
          lost: () => settle(() => void this.ended.then(reject))
        }
      )
      cancelTimeout = this.context.schedule(timeout, () => {
        this.cancel(id)
        reject(new Refusal('PACKAGE_LOAD_FAILED', { package: load.name, timeout }))
      })
    })
  }

  /** Sends a request. Throws a Refusal when it cannot cross. */
  request(request: Request, sink: RequestSink): number {
    if (this.connection === undefined) throw new Error('a request to a space that has not begun')
    return this.connection.request(request, sink)
  }

  /** Nobody waits for this request any more. A space that is blocked by it is unblocked, or ended. */
  cancel(id: number, watcher: CancellationWatcher = nobody): void {
    const cancellation = new Cancellation(this, watcher)
    const finish = (): void => cancellation.finish()
    this.connection?.cancel(id, { answered: finish, failed: finish, refused: finish, lost: finish })
  }

  /** The stack of the code that runs in it now, where that can be had. */
  async lookInto(timeout = LOOK_WITHIN): Promise<string | undefined> {
    if (this.child === undefined) return undefined
    this.output?.inspected()
    return takeStack(this.child, { timeout, schedule: this.schedule })
  }

  /** Breaks off the code that runs in it. True when that was done; whether it is still of use must be seen then. */
  async breakOff(timeout: number): Promise<boolean> {
    if (this.child === undefined) return false
    this.output?.inspected()
    return interrupt(this.child, { timeout, schedule: this.schedule })
  }

  beginUnblocking(): boolean {
    if (this.unblocking || this.state === 'exited') return false
    this.unblocking = true
    return true
  }

  endUnblocking(): void {
    this.unblocking = false
  }

  tellStep(step: UnblockingStep, silence: number, stack: string | undefined): void {
    this.owner.unblocking(step, silence, stack)
  }

  /** Ends it because it is blocked. */
  condemn(wait: number, killing: () => void): void {
    if (this.state === 'exited') return
    this.cause ??= 'blocked'
    if (this.state !== 'stopping') this.move('stopping')
    this.child?.kill('SIGTERM')
    this.context.schedule(wait, () => {
      if (this.end !== undefined || this.child?.exitCode !== null || this.child.signalCode !== null) return
      killing()
      killNow(this.child)
    })
  }

  /** How much it has said. */
  get heard(): number {
    return this.connection?.heard ?? 0
  }

  /** Asks for a sign of life, which counts as something said. */
  ping(): void {
    const ignore = (): void => undefined
    this.request({ type: 'ping', id: 0 }, { answered: ignore, failed: ignore, refused: ignore, lost: ignore })
  }

  /** Asks it to forget the callbacks that no package holds any more. */
  collect(): void {
    this.connection?.send({ type: 'collect' })
  }

  /** It gets no new work. */
  drain(): void {
    if (this.state === 'ready') this.move('draining')
  }

  /** Ends it: asks, then SIGTERM, then SIGKILL. Settles when it has exited. */
  stop(): Promise<SpaceEnd> {
    return this.climb(() => {
      this.connection?.send({ type: 'stop' })
      this.connection?.flush()
    })
  }

  /** The same without asking first: SIGTERM has been sent when this returns. */
  terminate(): Promise<SpaceEnd> {
    return this.climb(undefined)
  }

  /** Ends it at once. With a cause this counts as a crash. */
  kill(cause?: SpaceCrashCause): void {
    if (this.state === 'exited') return
    if (cause === undefined) this.asked = true
    else this.cause ??= cause
    if (this.state !== 'stopping') this.move('stopping')
    if (this.child !== undefined) killNow(this.child)
  }

  message(message: OwnerMessage): void {
    switch (message.type) {
      case 'ready':
        return this.becomeReady(message.version)
      case 'report':
        this.memory = message.memory
        return this.owner.reported()
      case 'trouble':
        return this.owner.trouble(new Refusal(message.code, message.details))
      default:
        throw new ProtocolViolation(`a message of type ${message.type}`)
    }
  }

  invoked(): void {
    this.owner.active()
  }

  callbackFailed(error: unknown): void {
    this.owner.trouble(error)
  }

  refusalOfInvocation({ code, details }: Refusal): Error {
    return errorFromRefusal(code, details)
  }

  trouble(refusal: Refusal): void {
    this.owner.trouble(refusal)
  }

  released(): void {
    this.owner.released()
  }

  relieved(): void {
    this.owner.relieved()
  }

  crowded(): void {
    this.collect()
  }

  /** The connection ended by itself: either the process has, or it must. */
  connectionEnded(cause: Error | undefined): void {
    this.framesEnded()
    if (cause instanceof ProtocolViolation) this.failure = cause
    if (cause instanceof ProtocolViolation) this.kill('protocol')
    else if (this.state !== 'exited') this.context.schedule(LAST_FRAMES, () => this.cutOff())
  }

  /** It has closed its end and lives on. One that was asked to end is only slow, as an exit may be. */
  private cutOff(): void {
    const { child } = this
    if (!this.asked && child?.exitCode === null && child.signalCode === null) this.kill('protocol')
  }

  private begin({ child, channel }: StartedProcess): void {
    this.child = child
    child.once('exit', (code, signal) => void this.exited(code, signal))
    this.context.reaper.watch(child.pid as number)
    this.output = new Output(
      child,
      {
        onLine: (stream, line) => this.owner.output(stream, line),
        onDropped: (lines) => this.owner.outputDropped(lines)
      },
      { now, schedule: this.context.schedule }
    )
    const { limits } = this.context
    this.connection = new Connection(channel, this, { ...limits, maxUnsent: UNSENT_LIMIT })
    this.connection.send({ type: 'hello', version: PROTOCOL_VERSION, ...limits })
    this.cancelReadiness = this.context.schedule(READY_WITHIN, () => {
      this.failure = new Error(`it was not ready within ${READY_WITHIN} ms`)
      this.kill('start')
    })
    if (this.state === 'stopping') killNow(child)
  }

  private becomeReady(version: number): void {
    if (version !== PROTOCOL_VERSION) throw new ProtocolViolation(`version ${version}`)
    if (this.startup > 0) throw new ProtocolViolation('ready twice')
    this.cancelReadiness()
    this.startup = this.uptime
    if (this.state !== 'starting') return
    this.move('ready')
    this.settleReady.resolve()
  }

  private climb(ask: (() => void) | undefined): Promise<SpaceEnd> {
    if (this.state === 'exited') return this.ended
    this.asked = true
    if (this.state !== 'stopping') this.move('stopping')
    const { stop, schedule } = this.context
    if (this.child !== undefined) void endProcess(this.child, stop, ask, schedule)
    return this.ended
  }

  private neverStarted(failure: unknown): void {
    this.failure = failure
    if (!this.asked) this.cause ??= 'start'
    this.finish(null, null)
  }

  /** The exit decides; what was sent before it is still read, for a bounded time. */
  private async exited(code: number | null, signal: string | null): Promise<void> {
    this.context.reaper.forget(this.pid as number)
    this.cancelReadiness()
    const last = [this.frames, (this.output as Output).ended]
    await Promise.race([
      Promise.all(last),
      new Promise<void>((resolve) => this.context.schedule(LAST_FRAMES, resolve))
    ])
    this.finish(code, signal)
  }

  private finish(exitCode: number | null, signal: string | null): void {
    // What was on its way out has ended before it could be cut off.
    const isLate = this.cause === 'protocol' && this.failure === undefined && signal !== 'SIGKILL'
    if (isLate) this.cause = undefined
    const cause = this.asked && this.cause === undefined ? undefined : (this.cause ?? this.causeOf(signal))
    const stderr = this.output?.tail ?? ''
    const end: SpaceEnd = { exitCode, signal, cause, stderr, uptime: this.uptime, failure: this.failure }
    this.end = end
    this.move('exited')
    this.output?.close()
    this.connection?.close()
    this.settleReady.reject(end)
    this.settleEnded(end)
  }

  private causeOf(signal: string | null): SpaceCrashCause {
    if (this.startup === 0) return 'start'
    const heapIsFull =
      signal === 'SIGABRT' && /heap out of memory|Allocation failed/.test(this.output?.tail ?? '')
    if (heapIsFull) return 'out-of-memory'
    return signal === null ? 'exit' : 'signal'
  }

  private move(to: SpaceState): void {
    if (order.indexOf(to) <= order.indexOf(this.state)) {
      throw new Error(`a space cannot go from ${this.state} to ${to}`)
    }
    this.state = to
  }
}
