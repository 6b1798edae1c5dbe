import { WrongResult } from '../harness/lanes.mjs'
import { median } from '../harness/statistics.mjs'
import { crash, openPool } from './open.mjs'

const packages = ['semver', { name: 'mitt', parameters: [] }]

export const question = {
  name: 'crash',
  title: 'From a crash to the next answer, beside from nothing to the first',
  cases: [{ name: 'two small packages', inFlight: 1, onlyFull: true }],
  metrics: [
    { name: 'after a crash', unit: 'ms', better: 'less' },
    { name: 'cold', unit: 'ms', better: 'less' }
  ],
  contestants: ['spacepool'],
  references: [],
  marks: [{ metric: 'after a crash', ofMetric: 'cold', atMost: 1.5 }]
}

export async function prepare(details) {
  const pool = await openPool(details, {})
  const set = await pool.add(packages)
  const round = async () => {
    const times = { crash: [], cold: [] }
    for (let n = 0; n < 5; n++) {
      times.crash.push(await timeCrash(pool, set))
      times.cold.push(await timeColdStart(details))
    }
    return { 'after a crash': median(times.crash), cold: median(times.cold) }
  }
  await round()
  return { round, close: () => pool.close() }
}

/** The space is older than the `minLife` of its pool, as one that has served for a while. */
async function timeCrash(pool, set) {
  const start = performance.now()
  await crash(pool)
  await answer(set)
  return performance.now() - start
}

async function timeColdStart(details) {
  const start = performance.now()
  const pool = await openPool(details, {})
  await answer(await pool.add(packages))
  const time = performance.now() - start
  await pool.close()
  return time
}

async function answer(set) {
  const version = await set.call('semver', 'inc', ['1.4.2', 'minor'])
  if (version !== '1.5.0') throw new WrongResult(`inc answered ${version}`)
}
