import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { workFile } from '../contestants/paths.mjs'
import { runLanes, warmUp } from '../harness/lanes.mjs'
import { median, quantile, ratio } from '../harness/statistics.mjs'
import { processorTime } from './processor-time.mjs'
import { takeTurns } from './take-turns.mjs'

// node bench/limits/chains.mjs <in flight> <dist> <dist> ...
//
// f(n).g().h().i() and add(a, b) on several builds of spacepool, in interleaved rounds and, within one, in turns. Of
// each: microseconds from start to end (the median of the rounds), and the processor time that host and space spend,
// which other work on the machine changes less (the value below which a fifth of the rounds lies). Then how often a
// chain takes a call, in time and in the processor time of both. Linux only.

const ROUNDS = 15
const TURNS = 4
/** Chains or calls of a turn at least, so that reading the clocks is no part of what is read. */
const LEAST = 1000
const [first, ...others] = process.argv.slice(2)
if (process.send === undefined) await compare(Number(first), others)
else await serve(Number(first), others[0])

async function compare(inFlight, builds) {
  const measured = await takeTurns(fileURLToPath(import.meta.url), String(inFlight), builds, ROUNDS)
  for (const { build, rounds } of measured) {
    const of = (name, metric) => rounds.map((values) => values[name][metric])
    const low = (name, metric) => quantile(of(name, metric).sort(byValue), 0.2)
    const spent = (name) => rounds.map((values) => values[name].host + values[name].space)
    const parts = ['chain', 'call'].map((name) => {
      const processor = ['host', 'space']
        .map((metric) => `${metric} ${low(name, metric).toFixed(2)}`)
        .join(', ')
      return `${name} ${median(of(name, 'took')).toFixed(1)} us (${processor})`
    })
    const times = ratio(of('chain', 'took'), of('call', 'took')).toFixed(2)
    const processorTimes = ratio(spent('chain'), spent('call')).toFixed(2)
    console.log(`${build}: ${parts.join(', ')}; ${times} times, processor ${processorTimes} times`)
  }
}

async function serve(inFlight, build) {
  const { SpacePool } = createRequire(import.meta.url)(join(resolve(build), 'lib', 'index.js'))
  const pool = new SpacePool({ concurrency: inFlight })
  const set = await pool.add({ name: workFile('live.cjs'), as: 'live' })
  const live = pool.use('live')
  const works = {
    chain: { inFlight, begin: (n) => live.f(n).g().h().i(), isRight: (result, n) => result === n + 3 },
    call: {
      inFlight,
      begin: (n) => set.call('live', 'add', [n, 1]),
      isRight: (result, n) => result === n + 1
    }
  }
  const counts = {}
  for (const [name, work] of Object.entries(works)) {
    counts[name] = Math.max(LEAST, await warmUp(work, { warm: 800, window: 40 }))
  }
  const { pid } = pool.stats().spaces[0]
  process.on('message', async () => {
    const sums = { chain: new Sum(), call: new Sum() }
    for (let turn = 0; turn < TURNS; turn++) {
      for (const [name, work] of Object.entries(works)) {
        const before = [processorTime(process.pid), processorTime(pid)]
        const took = await runLanes(work, counts[name])
        const [host, space] = [process.pid, pid].map((each, place) => processorTime(each) - before[place])
        sums[name].add(counts[name], took * 1000, host, space)
      }
    }
    process.send({ chain: sums.chain.each, call: sums.call.each })
  })
  process.on('disconnect', () => process.exit())
  process.send('ready')
}

class Sum {
  constructor() {
    this.count = 0
    this.total = { took: 0, host: 0, space: 0 }
  }

  add(count, took, host, space) {
    this.count += count
    this.total = {
      took: this.total.took + took,
      host: this.total.host + host,
      space: this.total.space + space
    }
  }

  get each() {
    const { took, host, space } = this.total
    return { took: took / this.count, host: host / this.count, space: space / this.count }
  }
}

function byValue(left, right) {
  return left - right
}
