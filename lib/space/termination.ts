import type { ChildProcess } from 'node:child_process'
import type { SpaceCrashCause } from '../errors.js'
import type { StopSettings } from '../settings.js'
import { ProtocolViolation } from '../wire/byte-reader.js'
import { endProcess, killNow } from './end-process.js'
import { isExiting } from './process-state.js'
import type { Schedule } from './schedule.js'
import { Verdict, type SpaceEnd } from './space-end.js'
import type { SpaceState } from './space-state.js'

/** The space that is to end. */
export interface EndingSpace {
  readonly state: SpaceState
  readonly child: ChildProcess | undefined
  readonly schedule: Schedule
  /** Settles when it has exited. */
  readonly ended: Promise<SpaceEnd>
  /** It is being ended. */
  stopping(): void
}

/** ms from the end of its connection, which an exit closes before it is told, until it is said to live on without it. */
const CUT_OFF_AFTER = 500

/** The ways in which the host ends a space, and the verdict on why it ends. */
export class Termination {
  private readonly verdict = new Verdict()

  constructor(
    private readonly space: EndingSpace,
    private readonly waits: StopSettings
  ) {}

  /** Asks it, if there is a way to, then SIGTERM, then SIGKILL. Settles when it has exited. */
  climb(ask: (() => void) | undefined): Promise<SpaceEnd> {
    const { space } = this
    if (space.state === 'exited') return space.ended
    this.verdict.ask()
    space.stopping()
    if (space.child !== undefined) void endProcess(space.child, this.waits, ask, space.schedule)
    return space.ended
  }

  /** SIGKILL at once. With a cause this counts as a crash, unless it was asked to end before. */
  kill(cause?: SpaceCrashCause): void {
    const { space } = this
    if (space.state === 'exited') return
    if (cause === undefined) this.verdict.ask()
    else this.verdict.blame(cause)
    space.stopping()
    if (space.child !== undefined) killNow(space.child)
  }

  /** The same for what it did or did not do, which is told with its end. */
  fail(cause: SpaceCrashCause, failure: unknown): void {
    this.verdict.failure = failure
    this.kill(cause)
  }

  /** There is no process, for this reason. */
  neverStarted(failure: unknown): void {
    this.verdict.failure = failure
    this.verdict.blame('start')
  }

  /** SIGTERM, because it is blocked. */
  endBlocked(): void {
    this.verdict.blame('blocked')
    this.space.stopping()
    this.space.child?.kill('SIGTERM')
  }

  /** The connection ended by itself: either the process has, or it must. */
  connectionEnded(cause: Error | undefined): void {
    const { space } = this
    if (cause instanceof ProtocolViolation) this.fail('protocol', cause)
    else if (space.state !== 'exited') space.schedule(CUT_OFF_AFTER, () => this.cutOff())
  }

  /** How it has ended, after so many ms. */
  endOf(
    exitCode: number | null,
    signal: string | null,
    stderr: string,
    uptime: number,
    wasReady: boolean
  ): SpaceEnd {
    const cause = this.verdict.causeOf(signal, wasReady, stderr)
    return { exitCode, signal, cause, stderr, uptime, failure: this.verdict.failure }
  }

  /** It has closed its end and lives on. One that was asked to end is only slow, as an exit may be. */
  private cutOff(): void {
    const { child } = this.space
    const hasEnded = child?.exitCode !== null || child.signalCode !== null || isExiting(child.pid)
    if (!this.verdict.wasAsked && !hasEnded) this.kill('protocol')
  }
}
