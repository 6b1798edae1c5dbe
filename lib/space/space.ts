import type { ChildProcess } from 'node:child_process'
import type { SpaceCrashCause } from '../errors.js'
import type { StopSettings } from '../settings.js'
import { ProtocolViolation } from '../wire/byte-reader.js'
import type { Reference } from '../wire/chain.js'
import { now } from '../wire/clock.js'
import { Connection } from '../wire/connection.js'
import type { ConnectionLimits } from '../wire/connection-owner.js'
import { UNSENT_LIMIT } from '../wire/invocations.js'
import { PROTOCOL_VERSION, type Request } from '../wire/messages.js'
import type { RequestSink } from '../wire/pending.js'
import { Cancellation, type CancellationWatcher } from './cancellation.js'
import { endProcess, killNow } from './end-process.js'
import { HandleChannel } from './handle-channel.js'
import { HostSide, type SpeakingSpace } from './host-side.js'
import { Output } from './output.js'
import { isExiting } from './process-state.js'
import type { Schedule } from './schedule.js'
import { Verdict, type SpaceEnd } from './space-end.js'
import type { SpaceOwner } from './space-owner.js'
import { laterState, type SpaceState } from './space-state.js'
import type { StartedProcess } from './start-process.js'
import { Unblocking, type BlockedSpace } from './unblocking.js'

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
/** ms from the end of its connection, which an exit closes before it is told, until it is said to live on without it. */
const CUT_OFF_AFTER = 500
/**
 * One child process, from its start to its exit, seen from the host. It starts the process, speaks with it, ends it,
 * and knows why it ended; what it is used for is its owner's business. It lives once: after an exit comes a new object.
 */
export class Space implements BlockedSpace, SpeakingSpace {
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
  output: Output | undefined
  readonly unblocking = new Unblocking(this)
  private connection: Connection | undefined
  private mover: HandleChannel | undefined
  private readonly verdict = new Verdict()
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

  /** Objects and functions in it that this process refers to. */
  get references(): number {
    return this.connection?.referenceCount ?? 0
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

  /** Sends a request. Throws a Refusal when it cannot cross. */
  request(request: Request, sink: RequestSink, ordered = false): number {
    if (this.connection === undefined) throw new Error('a request to a space that has not begun')
    return this.connection.request(request, sink, ordered)
  }

  /** A reference to it is not needed any more. */
  giveBack(reference: Reference): void {
    this.connection?.giveBack(reference)
  }

  /** Nobody waits for this request any more. A space that is blocked by it is unblocked, or ended. */
  cancel(id: number, watcher?: CancellationWatcher): void {
    const cancellation = new Cancellation(this.unblocking, watcher)
    this.connection?.cancel(id, cancellation.sink)
  }

  /** Ends it with SIGTERM, because it is blocked. */
  endBlocked(): void {
    this.verdict.blame('blocked')
    if (this.state !== 'stopping') this.move('stopping')
    this.child?.kill('SIGTERM')
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

  /** Ends it at once. With a cause this counts as a crash, unless it was asked to end before. */
  kill(cause?: SpaceCrashCause): void {
    if (this.state === 'exited') return
    if (cause === undefined) this.verdict.ask()
    else this.verdict.blame(cause)
    if (this.state !== 'stopping') this.move('stopping')
    if (this.child !== undefined) killNow(this.child)
  }

  /** It runs, and speaks this version of the protocol. */
  becomeReady(version: number): void {
    if (version !== PROTOCOL_VERSION) throw new ProtocolViolation(`version ${version}`)
    if (this.startup > 0) throw new ProtocolViolation('ready twice')
    this.cancelReadiness()
    this.startup = this.uptime
    if (this.state !== 'starting') return
    this.move('ready')
    this.settleReady.resolve()
  }

  /** The connection ended by itself: either the process has, or it must. */
  connectionEnded(cause: Error | undefined): void {
    this.framesEnded()
    if (cause instanceof ProtocolViolation) this.violated(cause)
    else if (this.state !== 'exited') this.context.schedule(CUT_OFF_AFTER, () => this.cutOff())
  }

  private violated(violation: ProtocolViolation): void {
    this.verdict.failure = violation
    this.kill('protocol')
  }

  /** It has closed its end and lives on. One that was asked to end is only slow, as an exit may be. */
  private cutOff(): void {
    const { child } = this
    const hasEnded = child?.exitCode !== null || child.signalCode !== null || isExiting(child.pid)
    if (!this.verdict.wasAsked && !hasEnded) this.kill('protocol')
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
    this.mover = new HandleChannel(child, (what) => this.violated(new ProtocolViolation(what)), now)
    this.connection = new Connection(channel, new HostSide(this, this.mover), {
      ...limits,
      maxUnsent: UNSENT_LIMIT
    })
    this.connection.send({ type: 'hello', version: PROTOCOL_VERSION, ...limits })
    this.cancelReadiness = this.context.schedule(READY_WITHIN, () => {
      this.verdict.failure = new Error(`it was not ready within ${READY_WITHIN} ms`)
      this.kill('start')
    })
    if (this.state === 'stopping') killNow(child)
  }

  private climb(ask: (() => void) | undefined): Promise<SpaceEnd> {
    if (this.state === 'exited') return this.ended
    this.verdict.ask()
    if (this.state !== 'stopping') this.move('stopping')
    const { stop, schedule } = this.context
    if (this.child !== undefined) void endProcess(this.child, stop, ask, schedule)
    return this.ended
  }

  private neverStarted(failure: unknown): void {
    this.verdict.failure = failure
    this.verdict.blame('start')
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
    const stderr = this.output?.tail ?? ''
    const cause = this.verdict.causeOf(signal, this.startup > 0, stderr)
    const { failure } = this.verdict
    const end: SpaceEnd = { exitCode, signal, cause, stderr, uptime: this.uptime, failure }
    this.end = end
    this.move('exited')
    this.output?.close()
    this.mover?.close()
    this.connection?.close()
    this.settleReady.reject(end)
    this.settleEnded(end)
  }

  private move(to: SpaceState): void {
    this.state = laterState(this.state, to)
  }
}
