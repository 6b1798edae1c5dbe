/** Calls `then` after so many milliseconds, unless the function it returns is called first. */
export type Schedule = (milliseconds: number, then: () => void) => () => void

/** A timer for each call, which does not keep this process alive. */
export const scheduleTimeout: Schedule = (milliseconds, then) => {
  const timer = setTimeout(then, milliseconds).unref()
  return () => clearTimeout(timer)
}

/** ms */
const STEP = 50

/**
 * The same, counted in short steps: a pause of this process, or of the whole machine, counts as one of them at most.
 * For what is said of others, which may have stood still as well.
 */
export function scheduleInSteps(schedule: Schedule, milliseconds: number, then: () => void): () => void {
  let left = milliseconds
  let cancel = (): void => undefined
  step()
  return () => cancel()

  function step(): void {
    if (left <= 0) return then()
    const wait = Math.min(left, STEP)
    left -= wait
    cancel = schedule(wait, step)
  }
}
