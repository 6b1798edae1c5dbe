import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { workFile } from '../contestants/paths.mjs'
import { median, quantile, ratio } from '../harness/statistics.mjs'
import { openItems } from '../raw/items.mjs'
import { processorTime } from './processor-time.mjs'
import { takeTurns } from './take-turns.mjs'

// node bench/limits/emissions.mjs <emitNumbers | emitRecords> <dist | raw> <dist | raw> ...
//
// A function called again and again by the other process, in several builds of spacepool and in the raw limit, in
// interleaved rounds: items a millisecond, and the processor time that host and space spend for one, which other work on
// the machine changes less. Linux only. The median of the rounds, of processor time the value below which a fifth of them
// lies, and times the first one.

const ROUNDS = Number(process.env.ROUNDS ?? 15)
const COUNT = 100_000
const WARM = 8
const EMISSIONS = 3
const [name, ...others] = process.argv.slice(2)
if (process.send === undefined) await compare(others)
else await serve(others[0])

async function compare(builds) {
  const measured = await takeTurns(fileURLToPath(import.meta.url), name, builds, ROUNDS)
  const of = ({ rounds }, metric) => rounds.map((values) => values[metric])
  for (const each of measured) {
    const parts = ['host', 'space'].map((metric) => {
      const figures = of(each, metric).sort((left, right) => left - right)
      const times = ratio(of(each, metric), of(measured[0], metric)).toFixed(2)
      return `${metric} ${quantile(figures, 0.2).toFixed(0)} ns (${times})`
    })
    const items = `${median(of(each, 'items')).toFixed(0)} k/s (${ratio(of(each, 'items'), of(measured[0], 'items')).toFixed(2)})`
    console.log(`${each.build}: ${items}; ${parts.join(', ')}`)
  }
}

async function serve(build) {
  const { emit, pids } = await (build === 'raw' ? openRaw() : openSpacepool(build))
  for (let left = WARM; left > 0; left--) await emitOnce(emit)
  process.on('message', async () => {
    const before = pids.map(nanosecondsOf)
    const start = performance.now()
    for (let left = EMISSIONS; left > 0; left--) await emitOnce(emit)
    const took = performance.now() - start
    const count = EMISSIONS * COUNT
    const [host, space] = pids.map((pid, place) => (nanosecondsOf(pid) - before[place]) / count)
    process.send({ items: count / took, host, space })
  })
  process.on('disconnect', () => process.exit())
  process.send('ready')
}

async function openRaw() {
  const { emit, pid } = await openItems()
  return { emit, pids: [process.pid, pid] }
}

async function openSpacepool(build) {
  const { SpacePool } = createRequire(import.meta.url)(join(resolve(build), 'lib', 'index.js'))
  const pool = new SpacePool({ concurrency: 64 })
  const set = await pool.add({ name: workFile('work.cjs'), as: 'work' })
  const emit = (name, count, onItem) => set.call('work', name, [count, onItem])
  return { emit, pids: [process.pid, pool.stats().spaces[0].pid] }
}

/** Until all items have arrived, in order, and the function has returned. */
async function emitOnce(emit) {
  let next = 0
  let arrived
  const all = new Promise((resolve) => (arrived = resolve))
  const take = (n, double) => {
    if (n !== next || double !== 2 * n) throw new Error(`item ${n} came instead of ${next}`)
    if (++next === COUNT) arrived()
  }
  const onItem = name === 'emitNumbers' ? take : (record) => take(record.n, record.price)
  await Promise.all([emit(name, COUNT, onItem), all])
}

/** Nanoseconds that all threads of a process have run. */
function nanosecondsOf(pid) {
  return processorTime(pid) * 1000
}
