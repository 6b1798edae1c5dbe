import { collectGarbage } from '../harness/garbage.mjs'
import { runLanes } from '../harness/lanes.mjs'
import { openAdditions } from './open.mjs'

const MIB = 1024 * 1024

export const question = {
  name: 'growth',
  title: 'Growth of the host over 1 000 000 calls, after collection',
  cases: [{ name: '64 in flight', inFlight: 64, rounds: 3, onlyFull: true, long: true }],
  metrics: [
    { name: 'heap', unit: 'MB', better: 'less' },
    { name: 'resident', unit: 'MB', better: 'less' }
  ],
  contestants: ['spacepool', 'raw limit'],
  references: [],
  marks: [
    { metric: 'heap', atMost: 5 },
    { metric: 'resident', atMost: 5 }
  ]
}

export async function prepare(details) {
  const { work, close } = await openAdditions(details)
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
