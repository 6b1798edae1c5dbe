import { setTimeout } from 'node:timers/promises'
import { median } from '../harness/statistics.mjs'
import { openPool } from './open.mjs'

export const question = {
  name: 'spare',
  title: 'Adding a builtin to a pool',
  cases: [{ name: 'path', inFlight: 1, onlyFull: true }],
  metrics: [
    { name: 'on a spare', unit: 'ms', better: 'less' },
    { name: 'cold', unit: 'ms', better: 'less' }
  ],
  contestants: ['spacepool'],
  references: [],
  marks: [{ metric: 'on a spare', ofMetric: 'cold', atMost: 0.1 }]
}

export async function prepare(details) {
  const prepared = await openPool(details, { spares: 1 })
  const blank = await openPool(details, {})
  const round = async () => {
    const times = { 'on a spare': [], cold: [] }
    for (let n = 0; n < 5; n++) {
      await spareIsReady(prepared)
      times['on a spare'].push(await timeAdd(prepared))
      times.cold.push(await timeAdd(blank))
    }
    return { 'on a spare': median(times['on a spare']), cold: median(times.cold) }
  }
  await round()
  return { round, close: () => Promise.all([prepared.close(), blank.close()]) }
}

async function timeAdd(pool) {
  const start = performance.now()
  const set = await pool.add('path')
  const time = performance.now() - start
  if ((await set.call('path', 'basename', ['/a/b.txt'])) !== 'b.txt') {
    throw new Error('basename answered wrong')
  }
  await set.remove()
  return time
}

async function spareIsReady(pool) {
  const isReady = ({ key, state }) => key === null && state === 'ready'
  while (!pool.stats().spaces.some(isReady)) await setTimeout(5)
}
