import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { workFile } from '../contestants/paths.mjs'
import { runLanes, warmUp } from '../harness/lanes.mjs'
import { median, quantile, ratio } from '../harness/statistics.mjs'
import { processorTime } from './processor-time.mjs'
import { takeTurns } from './take-turns.mjs'

// node bench/limits/builds.mjs <in flight> [timeout:]<dist> [timeout:]<dist> ...
//
// Small calls on several builds of spacepool, in interleaved rounds: calls a second, and the processor time that host
// and space spend for one, which other work on the machine changes less. `timeout:` sets callTimeout. Linux only.
// The median of the rounds, of processor time the value below which a fifth of them lies, and times the first build.

const ROUNDS = 15
const [first, ...others] = process.argv.slice(2)
if (process.send === undefined) await compare(Number(first), others)
else await serve(Number(first), others[0])

async function compare(inFlight, builds) {
  const measured = await takeTurns(fileURLToPath(import.meta.url), String(inFlight), builds, ROUNDS)
  const of = ({ rounds }, metric) => rounds.map((values) => values[metric])
  for (const each of measured) {
    const [host, space] = ['host', 'space'].map((metric) => quantile(of(each, metric).sort(byValue), 0.2))
    const times = ratio(of(each, 'calls'), of(measured[0], 'calls'))
    const figures = `${median(of(each, 'calls')).toFixed(0)} k/s, ${times.toFixed(2)} times the first`
    console.log(`${each.build}: ${figures}; host ${host.toFixed(2)} us, space ${space.toFixed(2)} us a call`)
  }
}

async function serve(inFlight, build) {
  const hasTimeout = build.startsWith('timeout:')
  const folder = resolve(build.slice(hasTimeout ? 'timeout:'.length : 0))
  const { SpacePool } = createRequire(import.meta.url)(join(folder, 'lib', 'index.js'))
  const pool = new SpacePool({ concurrency: inFlight, ...(hasTimeout ? { callTimeout: 60_000 } : {}) })
  const set = await pool.add({ name: workFile('work.cjs'), as: 'work' })
  const begin = (n) => set.call('work', 'add', [n, 1])
  const work = { inFlight, begin, isRight: (result, n) => result === n + 1 }
  const count = await warmUp(work, { warm: 800, window: 100 })
  const { pid } = pool.stats().spaces[0]
  process.on('message', async () => {
    const before = [processorTime(process.pid), processorTime(pid)]
    const took = await runLanes(work, count)
    const [host, space] = [process.pid, pid].map((each, place) => processorTime(each) - before[place])
    process.send({ calls: count / took, host: host / count, space: space / count })
  })
  process.on('disconnect', () => process.exit())
  process.send('ready')
}

function byValue(left, right) {
  return left - right
}
