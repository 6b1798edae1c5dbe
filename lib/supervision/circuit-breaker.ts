import type { RestartSettings } from '../settings.js'
import type { Schedule } from '../space/schedule.js'
import {
  afterCrash,
  afterFailedProbe,
  afterProbe,
  afterReady,
  noCrashes,
  withoutProbe,
  withStarts,
  type CrashHistory,
  type DownDecision,
  type ProbeWaits
} from './restart-policy.js'
import type { Clock } from './timetable.js'

/** ms */
export interface BreakerWaits extends ProbeWaits {
  /** That a probe must live until its set is up again. */
  readonly probeLife: number
}

/** The set that a breaker takes down and up. */
export interface BrokenSet {
  /** It crashed too often, or its probe crashed; it will be probed after so many ms. */
  down(restarts: number, retryAfter: number): void
  /** One space is to show whether it can live; `ready`, `crashed`, `probeNotStarted` or `probeNotPlaced` follows. */
  probe(): void
  /** The probe has lived for a while. */
  up(): void
}

/**
 * The circuit breaker of one set: the policy of restarts with a clock. `down` (elsewhere called open): its spaces
 * crashed too often, and none is started. `probing` (half open): one space shows whether it can live. Else `up`.
 */
export class CircuitBreaker {
  state: 'up' | 'down' | 'probing' = 'up'
  private history: CrashHistory = noCrashes
  private retryAt = 0
  /** Of the wait for the probe, or for the probe to have lived. */
  private cancel: (() => void) | undefined

  constructor(
    private readonly settings: RestartSettings,
    private readonly waits: BreakerWaits,
    private readonly clock: Clock,
    private readonly schedule: Schedule,
    private readonly set: BrokenSet
  ) {}

  /** ms until a set that is down is tried again. */
  get retryAfter(): number {
    return Math.max(0, this.retryAt - this.clock())
  }

  /**
   * A space has crashed that lived so many ms since it was ready (undefined: it never was), one of so many that ran. How
   * many ms a restart must wait; undefined when there is to be none.
   */
  crashed(lived: number | undefined, running: number): number | undefined {
    if (this.state === 'probing') {
      this.probeFailed()
      return undefined
    }
    // One that was left running when the set went down.
    if (this.state === 'down') return undefined
    const decision = afterCrash(this.history, this.clock(), lived, running, this.settings, this.waits)
    if (decision.action === 'restart') {
      this.history = decision.history
      return decision.delay
    }
    this.trip(decision)
    return undefined
  }

  /** A space is ready. If it is the probe, it has to live for a while now. */
  ready(): void {
    this.history = afterReady(this.history)
    if (this.state === 'probing') this.cancel ??= this.schedule(this.waits.probeLife, () => this.reset())
  }

  /** There is no process for the probe: that says nothing about the set, which is probed again after so many ms. */
  probeNotStarted(wait: number): void {
    if (this.state !== 'probing') return
    this.stop()
    this.history = withoutProbe(this.history)
    this.state = 'down'
    this.wait(wait)
  }

  /** The probe was ended on purpose: one that was ready has shown enough, before that there is another after so many ms. */
  probeEnded(wait: number): void {
    if (this.cancel === undefined) this.probeNotStarted(wait)
  }

  /** There was no place for the probe. */
  probeNotPlaced(): void {
    this.history = withoutProbe(this.history)
    this.probeFailed()
  }

  /** So many are started beside the probe that has lived. */
  startsBeside(count: number): void {
    this.history = withStarts(this.history, this.clock(), count, this.settings)
  }

  /** The set is being ended. */
  stop(): void {
    this.cancel?.()
    this.cancel = undefined
  }

  /** The probe is scheduled before the set hears of it: whoever it tells may end it. */
  private trip({ restarts, retryAfter, history }: DownDecision): void {
    this.stop()
    this.state = 'down'
    this.history = history
    this.wait(retryAfter)
    this.set.down(restarts, retryAfter)
  }

  private probeFailed(): void {
    this.trip(afterFailedProbe(this.history, this.clock(), this.settings, this.waits))
  }

  private wait(retryAfter: number): void {
    this.retryAt = this.clock() + retryAfter
    this.cancel = this.schedule(retryAfter, () => this.probe())
  }

  private probe(): void {
    this.cancel = undefined
    this.state = 'probing'
    this.history = withStarts(this.history, this.clock(), 1, this.settings)
    this.set.probe()
  }

  private reset(): void {
    this.cancel = undefined
    this.state = 'up'
    this.history = afterProbe(this.history)
    this.set.up()
  }
}
