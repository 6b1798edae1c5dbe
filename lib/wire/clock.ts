/**
 * Milliseconds of a clock that never jumps. Not `performance.now()`: in a fresh space its first use would load what
 * costs more than a millisecond.
 */
export function now(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1000 + nanoseconds / 1e6
}
