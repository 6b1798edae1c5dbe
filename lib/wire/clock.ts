/** As it was at first: a package may put a clock of its own in its place, as those do that tests turn by hand. */
const { hrtime } = process

/**
 * Milliseconds of a clock that never jumps. Not `performance.now()`: in a fresh space its first use would load what
 * costs more than a millisecond.
 */
export function now(): number {
  const [seconds, nanoseconds] = hrtime()
  return seconds * 1000 + nanoseconds / 1e6
}
