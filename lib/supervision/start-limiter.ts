import { availableParallelism } from 'node:os'
import type { Clock } from './timetable.js'
import type { Schedule } from '../space/schedule.js'

/** ms over which `startsPerSecond` counts, or for less than one: over which there is one. */
const SECOND = 1000

/**
 * Lets so many starts begin within any second, and so many be under way at once, in the order asked. A storm of
 * crashes must not become a storm of starts.
 */
export class StartLimiter {
  private readonly waiting: (() => void)[] = []
  private readonly begun: number[] = []
  private readonly most: number
  private readonly window: number
  private underWay = 0
  private cancelTimer: (() => void) | undefined

  constructor(
    private readonly clock: Clock,
    private readonly schedule: Schedule,
    private readonly perSecond: number,
    private readonly atOnce = Math.max(2, availableParallelism())
  ) {
    this.most = Math.max(1, Math.floor(perSecond))
    this.window = Math.max(SECOND, SECOND / perSecond)
  }

  /**
   * Calls `begin` when a start may begin; `finished` must follow when it is over. What it returns withdraws it, and is
   * false when it has begun.
   */
  request(begin: () => void): () => boolean {
    this.waiting.push(begin)
    this.next()
    return () => this.withdraw(begin)
  }

  /** Lets all that wait begin at once: they begin only to find that they should not. */
  close(): void {
    this.cancelTimer?.()
    for (const begin of this.waiting.splice(0)) begin()
  }

  finished(): void {
    this.underWay--
    this.next()
  }

  private withdraw(begin: () => void): boolean {
    const place = this.waiting.indexOf(begin)
    if (place < 0) return false
    this.waiting.splice(place, 1)
    return true
  }

  private next(): void {
    while (this.waiting.length > 0 && this.underWay < this.atOnce) {
      const wait = this.wait()
      if (wait > 0) {
        this.cancelTimer ??= this.schedule(wait, () => {
          this.cancelTimer = undefined
          this.next()
        })
        return
      }
      this.underWay++
      if (this.perSecond !== Infinity) this.begun.push(this.clock())
      ;(this.waiting.shift() as () => void)()
    }
  }

  /** ms until the oldest start of a full window is out of it. */
  private wait(): number {
    const at = this.clock()
    while (this.begun[0] !== undefined && at - this.begun[0] >= this.window) this.begun.shift()
    if (this.begun.length < this.most) return 0
    return this.window - (at - (this.begun[0] as number))
  }
}
