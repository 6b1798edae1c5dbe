import { collectGarbage } from '../harness/garbage.mjs'
import { runLanes } from '../harness/lanes.mjs'
import { openContestant } from './open.mjs'

const MIB = 1024 * 1024

export const question = {
  name: 'growth',
  title: 'Growth of the host over 1 000 000 calls, after collection',
  cases: [{ name: '64 in flight', inFlight: 64, onlyFull: true }],
  metrics: [
    { name: 'heap', unit: 'MB', better: 'less' },
    { name: 'resident', unit: 'MB', better: 'less' }
  ],
  contestants: ['spacepool', 'raw limit'],
  references: [],
  marks: []
}

export async function prepare(details) {
  const { call, close } = await openContestant(details, 'numbers')
  const work = {
    inFlight: details.testCase.inFlight,
    begin: (n) => call('add', [n, 1]),
    isRight: (result, n) => result === n + 1
  }
  await runLanes(work, 300_000)
  const round = async () => {
    const before = measure()
    await runLanes(work, 1_000_000)
    const after = measure()
    return { heap: after.heap - before.heap, resident: after.resident - before.resident }
  }
  return { round, close }
}

function measure() {
  collectGarbage()
  const { heapUsed, external, rss } = process.memoryUsage()
  return { heap: (heapUsed + external) / MIB, resident: rss / MIB }
}
