import { peers } from '../contestants/index.mjs'
import { timeEach, warmUp } from '../harness/lanes.mjs'
import { quantile } from '../harness/statistics.mjs'
import { openContestant } from './open.mjs'

/** ms: on one core the threads that compile take it from the calls, which must not be timed before they are done. */
const WARM_PINNED = 1500

export const question = {
  name: 'alone',
  title: 'Small calls, add(a, b), one at a time',
  cases: [
    { name: 'all cores', inFlight: 1 },
    { name: 'one core', inFlight: 1, core: 0, warm: WARM_PINNED, onlyFull: true }
  ],
  metrics: [
    { name: 'p50', unit: 'us', better: 'less' },
    { name: 'p99', unit: 'us', better: 'less' }
  ],
  contestants: ['spacepool', 'raw limit', 'fork and send', ...peers],
  references: ['fork and send', 'fastest process peer'],
  marks: ['p50', 'p99'].flatMap((metric) => [
    { metric, of: 'fork and send', atMost: 1.1 },
    { metric, of: 'fastest process peer', atMost: 1.05 }
  ])
}

export async function prepare(details) {
  const { call, close } = await openContestant(details, 'numbers')
  const work = {
    inFlight: 1,
    begin: (n) => call('add', [n, 1]),
    isRight: (result, n) => result === n + 1
  }
  const count = await warmUp(work, details.settings)
  const round = async () => {
    const times = await timeEach(work, count)
    return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) }
  }
  return { round, close }
}
