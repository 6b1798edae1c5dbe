import { createRequire } from 'node:module'
import { collectGarbage } from '../harness/garbage.mjs'
import { runLanes } from '../harness/lanes.mjs'
import { openLive } from './open-live.mjs'

const { release } = createRequire(import.meta.url)('../..')
const FEW = 100_000
const MANY = 1_000_000
/** After so many the heaps are as large as they get. */
const SETTLED = 600_000

export const question = {
  name: 'references',
  title: 'References made and released: growth of both processes, after collection',
  cases: [
    { name: '1 000 000 (100 000 in a quick run)', inFlight: 64, rounds: 1, long: true, deadline: 180_000 }
  ],
  metrics: [
    { name: 'host, heap', unit: 'KiB', better: 'less' },
    { name: 'space, heap', unit: 'KiB', better: 'less' },
    { name: 'host, resident', unit: 'KiB', better: 'less' },
    { name: 'space, resident', unit: 'KiB', better: 'less' },
    { name: 'time', unit: 'us', better: 'less' }
  ],
  contestants: ['spacepool'],
  references: [],
  marks: [
    { metric: 'host, heap', atMost: 512 },
    { metric: 'space, heap', atMost: 512 },
    { metric: 'host, resident', atMost: 16_384 },
    { metric: 'space, resident', atMost: 16_384 }
  ]
}

export async function prepare(details) {
  const { live, pool, close } = await openLive(details)
  const work = {
    inFlight: details.testCase.inFlight,
    begin: async (n) => {
      const counter = await live.f(n)
      release(counter)
      return counter
    },
    isRight: (result) => typeof result === 'object'
  }
  await runLanes(work, details.settings.quick ? FEW : SETTLED)
  const count = details.settings.quick ? FEW : MANY
  const grow = async () => {
    const before = await measure(live)
    const milliseconds = await runLanes(work, count)
    const after = await measure(live)
    const left = pool.stats().spaces.reduce((sum, { references = 0 }) => sum + references, 0)
    if (left > 0) throw new Error(`${left} references were left`)
    const grown = Object.keys(before).map((name) => [name, (after[name] - before[name]) / 1024])
    return { ...Object.fromEntries(grown), time: (milliseconds * 1000) / count }
  }
  // What leaks grows each time; V8 makes room for young objects once, at a moment of its own.
  const round = async () => {
    const [first, second] = [await grow(), await grow()]
    return Object.fromEntries(Object.keys(first).map((name) => [name, Math.min(first[name], second[name])]))
  }
  return { round, close }
}

async function measure(live) {
  const space = await live.memory()
  collectGarbage()
  const { heapUsed, external, rss } = process.memoryUsage()
  return {
    'host, heap': heapUsed + external,
    'space, heap': space.heap,
    'host, resident': rss,
    'space, resident': space.resident
  }
}
