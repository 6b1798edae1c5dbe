import type { Schedule } from '../space/schedule.js'
import type { Clock } from './timetable.js'

/** The starts of a set that wait after crashes, each until its moment: what crashed together does not come back together. */
export class RestartBackoff {
  /** When each restart that was decided on is due. */
  private owed: number[] = []
  /** No start before this moment, though what crashed last was not missed. */
  private notBefore = 0
  private cancel: (() => void) | undefined

  constructor(
    private readonly clock: Clock,
    private readonly schedule: Schedule,
    /** Some restarts may be due, and starts allowed again. */
    private readonly over: () => void
  ) {}

  /** One restart is due after so many ms. */
  owe(delay: number): void {
    this.owed.push(this.clock() + delay)
  }

  /** Nothing is to be restarted, but what is started for another reason waits so many ms. */
  hold(delay: number): void {
    this.notBefore = Math.max(this.notBefore, this.clock() + delay)
  }

  /** Whether starts have to wait; then `over` is called when they need not any longer. */
  mustWait(): boolean {
    if (this.cancel !== undefined) return true
    const wait = this.notBefore - this.clock()
    if (wait > 0) this.wait(wait)
    return wait > 0
  }

  /** How many restarts are due by now; they are not owed any more. `over` is called when the next one is. */
  takeDue(): number {
    const at = this.clock()
    const later = this.owed.filter((moment) => moment > at)
    const due = this.owed.length - later.length
    this.owed = later
    if (later.length > 0) {
      this.cancel?.()
      this.wait(Math.min(...later) - at)
    }
    return due
  }

  /**
   * Nothing is to be restarted any more, but what is started for another reason waits as it would have; who waits for
   * that already still has to hear when it is over.
   */
  forgo(): void {
    this.notBefore = Math.max(this.notBefore, ...this.owed)
    this.owed = []
  }

  /** As if nothing had crashed. */
  clear(): void {
    this.owed = []
    this.notBefore = 0
    this.cancel?.()
    this.cancel = undefined
  }

  private wait(milliseconds: number): void {
    this.cancel = this.schedule(milliseconds, () => {
      this.cancel = undefined
      this.over()
    })
  }
}
