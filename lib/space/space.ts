import type { ChildProcess } from 'node:child_process'
import type { SpaceCrashCause } from '../errors.js'
import type { StopSettings } from '../settings.js'
import type { ProtocolViolation } from '../wire/byte-reader.js'
import type { Reference } from '../wire/chain.js'
import { now } from '../wire/clock.js'
import type { Connection } from '../wire/connection.js'
import type { ConnectionLimits } from '../wire/connection-owner.js'
import { PROTOCOL_VERSION, type Request } from '../wire/messages.js'
import type { RequestSink } from '../wire/pending.js'
import { Cancellation, type CancellationWatcher } from './cancellation.js'
import { killNow } from './end-process.js'
import { Handshake } from './handshake.js'
import type { Output } from './output.js'
import { Pipes, type PipedSpace } from './pipes.js'
import { Reports } from './reports.js'
import type { Schedule } from './schedule.js'
import type { SpaceEnd } from './space-end.js'
import type { SpaceOwner } from './space-owner.js'
import { laterState, type SpaceState } from './space-state.js'
import type { StartedProcess } from './start-process.js'
import { Termination, type EndingSpace } from './termination.js'
import { Unblocking, type BlockedSpace } from './unblocking.js'

/** What a space needs from its pool. */
export interface SpaceContext {
  readonly limits: ConnectionLimits
  readonly stop: StopSettings
  readonly schedule: Schedule
  /** Told as soon as there is a process, and as soon as it has exited. */
  readonly reaper: { watch(pid: number): void; forget(pid: number): void }
}

/**
 * One child process, from its start to its exit, seen from the host. It starts the process, speaks with it, ends it,
 * and knows why it ended; what it is used for is its owner's business. It lives once: after an exit comes a new object.
 */
export class Space implements BlockedSpace, PipedSpace, EndingSpace {
  state: SpaceState = 'starting'
  /** Who hears of it; a spare changes hands. */
  owner: SpaceOwner
  child: ChildProcess | undefined
  /** Resident memory in bytes, as it last said. */
  memory: number | null = null
  readonly reports = new Reports(() => this.uptime)
  /** Settles when it has exited, what it sent was handled, and those who waited for its answers were told. */
  readonly ended: Promise<SpaceEnd>
  /** Known when those who wait for its answers are told that they are lost. */
  end: SpaceEnd | undefined
  readonly startedAt = now()
  readonly unblocking = new Unblocking(this)
  private connection: Connection | undefined
  private pipes: Pipes | undefined
  private readonly handshake = new Handshake()
  private readonly termination: Termination
  private withdraw = (): void => undefined
  private settleEnded!: (end: SpaceEnd) => void
  private framesEnded!: () => void
  private readonly frames = new Promise<void>((resolve) => (this.framesEnded = resolve))

  constructor(
    readonly id: number,
    private readonly context: SpaceContext,
    owner: SpaceOwner
  ) {
    this.owner = owner
    this.termination = new Termination(this, context.stop)
    this.ended = new Promise((resolve) => (this.settleEnded = resolve))
  }

  get schedule(): Schedule {
    return this.context.schedule
  }

  /** Settles when it is ready; rejects with its SpaceEnd when it ends before. */
  get ready(): Promise<void> {
    return this.handshake.ready
  }

  /** ms from its start until it was ready. */
  get startup(): number {
    return this.handshake.startup
  }

  get output(): Output | undefined {
    return this.pipes?.output
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

  /**
   * Gives it its process, at once or later. If there is none, the space ends with the failure in its SpaceEnd. `withdraw`
   * is called when it is ended before it has one.
   */
  launch(started: StartedProcess | Promise<StartedProcess>, withdraw = (): void => undefined): this {
    this.withdraw = withdraw
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
    if (request.type === 'add') this.reports.expect()
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
    this.termination.endBlocked()
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
    return this.termination.climb(() => {
      this.connection?.send({ type: 'stop' })
      this.connection?.flush()
    })
  }

  /** The same without asking first: SIGTERM has been sent when this returns. */
  terminate(): Promise<SpaceEnd> {
    return this.termination.climb(undefined)
  }

  /** Ends it at once. With a cause this counts as a crash, unless it was asked to end before. */
  kill(cause?: SpaceCrashCause): void {
    this.termination.kill(cause)
  }

  stopping(): void {
    if (this.state === 'stopping') return
    this.move('stopping')
    if (this.child === undefined) this.withdraw()
  }

  /** It runs, and speaks this version of the protocol. */
  becomeReady(version: number): void {
    this.handshake.answered(version, this.uptime)
    if (this.state !== 'starting') return
    this.move('ready')
    this.handshake.succeed()
  }

  violated(violation: ProtocolViolation): void {
    this.termination.fail('protocol', violation)
  }

  /** The connection ended by itself: either the process has, or it must. */
  connectionEnded(cause: Error | undefined): void {
    this.framesEnded()
    this.termination.connectionEnded(cause)
  }

  /** What fails here has a process already, whose exit tells that it could not be started. */
  private begin(started: StartedProcess): void {
    try {
      this.attach(started)
    } catch (failure) {
      if (this.connection === undefined) started.channel.close()
      this.termination.fail('start', failure)
    }
  }

  private attach(started: StartedProcess): void {
    const { child } = started
    const { reaper, limits } = this.context
    this.child = child
    child.once('exit', (code, signal) => void this.exited(code, signal))
    reaper.watch(child.pid as number)
    this.pipes = new Pipes(this, started, limits)
    this.connection = this.pipes.connection
    this.connection.send({ type: 'hello', version: PROTOCOL_VERSION, ...limits })
    this.handshake.begin(this.schedule, (failure) => this.termination.fail('start', failure))
    if (this.state === 'stopping') killNow(child)
  }

  private neverStarted(failure: unknown): void {
    this.termination.neverStarted(failure)
    this.finish(null, null)
  }

  /** The exit decides; what was sent before it is still read, for a bounded time. */
  private async exited(code: number | null, signal: string | null): Promise<void> {
    this.context.reaper.forget(this.pid as number)
    this.handshake.stop()
    await this.pipes?.read(this.frames)
    this.finish(code, signal)
  }

  private finish(exitCode: number | null, signal: string | null): void {
    const wasReady = this.startup > 0
    const end = this.termination.endOf(exitCode, signal, this.output?.tail ?? '', this.uptime, wasReady)
    this.end = end
    this.move('exited')
    this.pipes?.close()
    this.handshake.fail(end)
    this.settleEnded(end)
  }

  private move(to: SpaceState): void {
    this.state = laterState(this.state, to)
  }
}
