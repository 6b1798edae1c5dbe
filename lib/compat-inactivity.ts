/** A timer of Node holds no more ms than this; a longer one is armed again. */
const LONGEST_TIMER = 2 ** 31 - 1

/**
 * Says when there was no activity for so many ms. A timer of its own, not one of the timetable, because the older API
 * hands it out: as there, it keeps the process alive, and clearing it lasts until the next activity.
 */
export class InactivityTimer {
  /** Of the last activity. */
  timeout: NodeJS.Timeout

  constructor(
    private readonly milliseconds: number,
    private readonly over: () => void
  ) {
    this.timeout = this.arm(milliseconds)
  }

  reset(): NodeJS.Timeout {
    clearTimeout(this.timeout)
    this.timeout = this.arm(this.milliseconds)
    return this.timeout
  }

  stop(): void {
    clearTimeout(this.timeout)
  }

  private arm(left: number): NodeJS.Timeout {
    const wait = Math.min(left, LONGEST_TIMER)
    return setTimeout(() => {
      if (left > wait) this.timeout = this.arm(left - wait)
      else this.over()
    }, wait)
  }
}
