import type { Schedule } from '../space/schedule.js'
import type { Clock } from './timetable.js'

/** ms, and what is told within them. */
const WINDOW = 100
const MOST = 100

/**
 * News that a package can bring about at any rate, of which at most 1000 a second are told: each is an event and a
 * record of the log, and a package that makes them in a loop must not keep the host from its work.
 */
export class NewsRate {
  private since = -Infinity
  private told = 0
  private leftOut = 0
  private cancel: (() => void) | undefined

  constructor(
    private readonly clock: Clock,
    private readonly schedule: Schedule,
    /** So many came too fast. Called once for each window. */
    private readonly onLeftOut: (count: number) => void
  ) {}

  /** Whether this one is to be told. */
  admits(): boolean {
    if (this.clock() - this.since >= WINDOW) this.turn()
    if (this.told < MOST) {
      this.told++
      return true
    }
    this.leftOut++
    this.cancel ??= this.schedule(WINDOW, () => this.turn())
    return false
  }

  private turn(): void {
    const { leftOut } = this
    this.cancel?.()
    this.cancel = undefined
    this.since = this.clock()
    this.told = this.leftOut = 0
    if (leftOut > 0) this.onLeftOut(leftOut)
  }
}
