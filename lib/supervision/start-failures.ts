import { backoff } from './restart-policy.js'
import type { Clock } from './timetable.js'

/** ms */
export interface StartWaits {
  /** After the first start that failed; doubled with each that follows, half of it left to chance. */
  readonly firstStartWait: number
  readonly lastStartWait: number
  /** That starts must have failed until what waits for one is rejected: short troubles pass unnoticed. */
  readonly startPatience: number
}

/** ms after which a failure does not belong to those before it. An attempt waits for a place for a minute at most. */
const FORGOTTEN = 120_000

/**
 * The starts of a set that failed in a row: there was no process, or it was never ready. No package has run, so they are
 * no crashes and count for no limit; each has its wait instead.
 */
export class StartFailures {
  private streak = 0
  private since = 0
  private nextAt = 0

  constructor(
    private readonly waits: StartWaits,
    private readonly clock: Clock
  ) {}

  /** One failed: ms until the next attempt. What fails before that belongs to the same one. */
  failed(): number {
    const at = this.clock()
    if (at - this.nextAt > FORGOTTEN) this.streak = 0
    if (this.streak === 0) this.since = at
    if (this.streak === 0 || at >= this.nextAt) {
      const { firstStartWait, lastStartWait } = this.waits
      this.nextAt = at + backoff(++this.streak, firstStartWait, lastStartWait, Math.random)
    }
    return this.nextAt - at
  }

  /** They have failed for so long that nobody is to wait for one any more than until it fails as well. */
  get isOutage(): boolean {
    return this.streak > 0 && this.clock() - this.since >= this.waits.startPatience
  }

  /** There is a process that was ready. */
  succeeded(): void {
    this.streak = 0
  }
}
