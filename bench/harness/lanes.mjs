/** A contestant answered, but not with what the function returns. */
export class WrongResult extends Error {}

/**
 * Runs `count` calls with `inFlight` callers, each of which waits for its answer before its next call, and
 * checks every answer. Everybody is measured by this same code. Returns milliseconds.
 *
 * `begin(n, lane)` starts call number n of one caller, `isRight(result, n, lane)` judges its answer.
 */
export async function runLanes({ inFlight, begin, isRight }, count) {
  let next = 0
  const caller = async (lane) => {
    while (next < count) {
      const n = next++
      const result = await begin(n, lane)
      if (!isRight(result, n, lane)) {
        throw new WrongResult(`call ${n} answered ${String(result).slice(0, 60)}`)
      }
    }
  }
  const start = performance.now()
  await Promise.all(Array.from({ length: inFlight }, (_, lane) => caller(lane)))
  return performance.now() - start
}

/** Runs the calls for `warm` ms, so that both sides are compiled, and returns how many of them fill `window` ms. */
export async function warmUp(work, { warm, window }) {
  const least = work.inFlight * 4
  const end = performance.now() + warm
  let count = least
  let perMillisecond
  do {
    perMillisecond = count / (await runLanes(work, count))
    count = Math.max(least, Math.round((perMillisecond * warm) / 4))
  } while (performance.now() < end)
  return Math.max(least, Math.round(perMillisecond * window))
}

/** Runs `count` calls one after the other and returns the microseconds of each, sorted. */
export async function timeEach({ begin, isRight }, count) {
  const times = new Float64Array(count)
  for (let n = 0; n < count; n++) {
    const start = performance.now()
    const result = await begin(n, 0)
    times[n] = (performance.now() - start) * 1000
    if (!isRight(result, n, 0)) throw new WrongResult(`call ${n} answered ${String(result).slice(0, 60)}`)
  }
  return times.sort()
}
