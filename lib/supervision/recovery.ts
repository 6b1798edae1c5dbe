import { setDown } from '../errors.js'
import type { SpaceCrashCause } from '../errors.js'
import type { SetSettings } from '../settings.js'
import type { Builds } from './builds.js'
import { CircuitBreaker } from './circuit-breaker.js'
import type { PoolContext } from './context.js'
import { RestartBackoff } from './restart-backoff.js'
import type { SetNews } from './set-news.js'
import type { Slots } from './slots.js'
import { StartFailures } from './start-failures.js'

/** The set whose spaces crash. */
export interface RecoveringSet {
  readonly key: string
  readonly settings: Pick<SetSettings, 'replicas' | 'restart'>
  /** Calls, and additions of packages, that wait for a replica. */
  waiting(): number
  /**
   * Calls wait, and may be given to what is there, or start what is missing: there is a slot less, to which they were
   * bound, or what could not be started until now can be.
   */
  dispatch(): void
  /** Spaces cannot be started, and what waits for this slot (-1: for a further one) has waited for long enough. */
  notStarted(slot: number, error: Error): void
  /** The set is down, and nothing will come of what waits: all replicas that are left go. */
  giveUp(error: Error): void
}

/** A space has crashed. */
export interface Crash {
  /** -1 of one that was to be a further one, and had none. */
  readonly slot: number
  readonly cause: SpaceCrashCause
  /** ms since it was ready; undefined if it never was. */
  readonly lived: number | undefined
}

/**
 * What is done after crashes: restarts, each after its backoff, until the breaker says that there were too many. A start
 * that fails is no crash: it has waits of its own, and is tried until it succeeds.
 */
export class Recovery {
  restarts = 0
  readonly breaker: CircuitBreaker
  private readonly backoff: RestartBackoff
  private readonly startFailures: StartFailures

  constructor(
    private readonly slots: Slots,
    private readonly builds: Builds,
    private readonly context: PoolContext,
    private readonly news: SetNews,
    private readonly set: RecoveringSet
  ) {
    const { clock, timetable, bounds } = context
    this.startFailures = new StartFailures(bounds, clock)
    this.backoff = new RestartBackoff(clock, timetable.schedule, () => this.backoffOver())
    this.breaker = new CircuitBreaker(set.settings.restart, bounds, clock, timetable.schedule, {
      down: (restarts, retryAfter) => this.goneDown(restarts, retryAfter),
      probe: () => this.probe(),
      up: () => this.goneUp()
    })
  }

  /** A space crashed that was in a slot or was to get one, while so many others were ready. */
  crashed({ slot, cause, lived }: Crash, others: number): void {
    this.startFailures.succeeded()
    const wait = this.breaker.crashed(lived, others + 1)
    if (wait !== undefined && this.startsAgain(slot, cause, wait)) this.restarts++
  }

  /** What was to be in this slot (-1: in a further one) was never ready. */
  startFailed(slot: number, error: Error): void {
    const wait = this.startFailures.failed()
    if (this.breaker.state !== 'up') return this.breaker.probeNotStarted(wait)
    if (this.startFailures.isOutage) this.set.notStarted(slot, error)
    this.startsAgain(slot, 'start', wait)
  }

  /** One is ready. */
  started(): void {
    this.startFailures.succeeded()
    this.breaker.ready()
  }

  /** A space of the set was ended on purpose. */
  ended(): void {
    const wasProbe = this.breaker.state === 'probing' && this.slots.filled.length === 0
    if (wasProbe) this.breaker.probeEnded(this.context.bounds.firstStartWait)
  }

  /** What was owed to crashes comes with the next call, and no sooner than it would have. */
  forgo(): void {
    this.backoff.forgo()
  }

  /** Whether nothing may be started now; then calls that wait are dispatched when it may. */
  mustWait(): boolean {
    return this.backoff.mustWait()
  }

  /** The set is being ended. */
  stop(): void {
    this.breaker.stop()
    this.backoff.clear()
  }

  /**
   * What crashed is missed: there are fewer than there must be, or calls wait and the pool has room for it. Else it is
   * as if one less had grown: calls that are bound to it would wait for room while others of the set could take them.
   */
  private get isShort(): boolean {
    if (this.slots.filled.length < this.set.settings.replicas.min) return true
    return this.set.waiting() > 0 && this.context.capacity.free > 0
  }

  /** After so many ms there is another one, if it is missed. */
  private startsAgain(slot: number, cause: SpaceCrashCause, wait: number): boolean {
    if (slot < 0 || !this.isShort) {
      this.backoff.hold(wait)
      if (slot >= 0) this.slots.removeEmpty()
      if (this.set.waiting() > 0) this.set.dispatch()
      return false
    }
    this.backoff.owe(wait)
    this.news.restarting(this.builds.generation + 1, cause, wait)
    this.restartDue()
    return true
  }

  private restartDue(): void {
    for (const slot of this.slots.empty.slice(0, this.backoff.takeDue())) this.builds.start(slot)
  }

  private backoffOver(): void {
    this.restartDue()
    if (this.set.waiting() > 0) this.set.dispatch()
  }

  private goneDown(restarts: number, retryAfter: number): void {
    this.backoff.clear()
    this.news.down(restarts, retryAfter)
    this.set.giveUp(setDown({ key: this.set.key, retryAfter }))
  }

  private probe(): void {
    this.slots.reset(this.set.settings.replicas.min)
    this.builds.start(0)
  }

  /** Starts before the set is told to be up: whoever hears of it may end it. */
  private goneUp(): void {
    const { generation } = this.builds
    this.breaker.startsBeside(this.slots.empty.length)
    this.builds.startMissing()
    this.news.up(generation)
  }
}
