import { createRequire } from 'node:module'
import { workFile } from '../contestants/paths.mjs'
import { open } from '../contestants/fork.mjs'
import { timeEach } from '../harness/lanes.mjs'
import { median, quantile, ratio } from '../harness/statistics.mjs'

// node bench/limits/alone.mjs [ms to warm up]              one call at a time, on any core
// taskset -c 0 node bench/limits/alone.mjs [ms to warm up]  and on one
//
// p50 and p99 of a small call beside plain fork and send, in rounds of 8000 calls that take turns: of spacepool twice, so
// that it is seen how far it is from itself, and with what might be behind its slowest calls left out.

const WARM = Number(process.argv[2] ?? 800)
const ROUNDS = 7
const CALLS = 8000
const ways = {
  spacepool: [],
  'spacepool again': [],
  'young objects in 1 MiB': ['--max-semi-space-size=1'],
  'without maglev': ['--no-maglev']
}

const { SpacePool } = createRequire(import.meta.url)('../..')
const plain = await open({ serialization: 'json', workers: 1 })
const lanes = [{ name: 'fork and send', call: plain.call, close: plain.close }]
for (const [name, execArgv] of Object.entries(ways)) {
  const pool = new SpacePool({ execArgv })
  const set = await pool.add({ name: workFile('work.cjs'), as: 'work' })
  const call = (work, parameters) => set.call('work', work, parameters)
  lanes.push({ name, call, close: () => pool.close() })
}
for (const lane of lanes) {
  lane.work = { begin: (n) => lane.call('add', [n, 1]), isRight: (result, n) => result === n + 1 }
  lane.rounds = []
  for (const end = performance.now() + WARM; performance.now() < end;) await timeEach(lane.work, 100)
}
for (let round = 0; round < ROUNDS; round++) {
  for (const lane of round % 2 ? [...lanes].reverse() : lanes) {
    const times = await timeEach(lane.work, CALLS)
    lane.rounds.push({ p50: quantile(times, 0.5), p99: quantile(times, 0.99) })
  }
}
for (const { name, rounds, close } of lanes) {
  await close()
  const told = ['p50', 'p99'].map((metric) => {
    const [own, first] = [rounds, lanes[0].rounds].map((list) => list.map((values) => values[metric]))
    return `${metric} ${median(own).toFixed(1)} us, ${ratio(own, first).toFixed(2)} times fork and send`
  })
  console.log(`${name}: ${told.join('; ')}`)
}
