/** Calls `then` after so many milliseconds, unless the function it returns is called first. */
export type Schedule = (milliseconds: number, then: () => void) => () => void

/** A timer for each call, which does not keep this process alive. */
export const scheduleTimeout: Schedule = (milliseconds, then) => {
  const timer = setTimeout(then, milliseconds).unref()
  return () => clearTimeout(timer)
}
