import { setDown } from '../errors.js'
import type { SetSettings } from '../settings.js'
import type { SpaceEnd } from '../space/space-end.js'
import type { Builds } from './builds.js'
import { CircuitBreaker } from './circuit-breaker.js'
import type { PoolContext } from './context.js'
import { RestartBackoff } from './restart-backoff.js'
import type { SetNews } from './set-news.js'
import type { Slots } from './slots.js'

/** The set whose spaces crash. */
export interface RecoveringSet {
  readonly key: string
  readonly settings: Pick<SetSettings, 'replicas' | 'restart'>
  /** Calls, and additions of packages, that wait for a replica. */
  waiting(): number
  /** Calls may be waiting for what could not be started until now. */
  wake(): void
  /** There is a slot less: calls that were bound to it lead to others. */
  rebind(): void
  /** The set is down, and nothing will come of what waits: all replicas that are left go. */
  giveUp(error: Error): void
}

/** What is done after crashes: restarts, each after its backoff, until the breaker says that there were too many. */
export class Recovery {
  restarts = 0
  readonly breaker: CircuitBreaker
  private readonly backoff: RestartBackoff

  constructor(
    private readonly slots: Slots,
    private readonly builds: Builds,
    private readonly context: PoolContext,
    private readonly news: SetNews,
    private readonly set: RecoveringSet
  ) {
    const { clock, timetable, bounds } = context
    this.backoff = new RestartBackoff(clock, timetable.schedule, () => this.backoffOver())
    this.breaker = new CircuitBreaker(set.settings.restart, bounds, clock, timetable.schedule, {
      down: (restarts, retryAfter) => this.goneDown(restarts, retryAfter),
      probe: () => this.probe(),
      up: () => this.goneUp()
    })
  }

  /** A space crashed that was in a slot or was to get one, while so many others were ready. */
  crashed({ cause = 'exit', uptime }: SpaceEnd, others: number): void {
    const backoff = this.breaker.crashed(uptime, others + 1)
    if (backoff === undefined) return
    if (!this.isShort) {
      this.backoff.hold(backoff)
      this.slots.removeEmpty()
      if (this.set.waiting() > 0) this.set.rebind()
      return
    }
    this.restarts++
    this.backoff.owe(backoff)
    this.news.restarting(this.builds.generation + 1, cause, backoff)
    this.restartDue()
  }

  /** Whether nothing may be started now; then the set is woken when it may. */
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

  private restartDue(): void {
    for (const slot of this.slots.empty.slice(0, this.backoff.takeDue())) this.builds.start(slot)
  }

  private backoffOver(): void {
    this.restartDue()
    if (this.set.waiting() > 0) this.set.wake()
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
    this.builds.startMissing()
    this.news.up(generation)
  }
}
