/** At most one in so many calls of a pool is ever run again; the first one may always be. */
const CALLS_PER_RERUN = 10

/** How many calls a pool has had, and how many of them were run again: reruns must not multiply what crashes spaces. */
export class RerunBudget {
  calls = 0
  private reruns = 0

  /** True for a call that may be run again, which counts from then on. */
  take(): boolean {
    if (this.reruns >= Math.max(1, Math.floor(this.calls / CALLS_PER_RERUN))) return false
    this.reruns++
    return true
  }
}
