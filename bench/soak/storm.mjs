import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { slack } from '../faults/slack.mjs'
import { pause, percentile, whole } from './figures.mjs'

const { SpacePool, isSpacePoolError } = createRequire(import.meta.url)('../..')
const stateful = fileURLToPath(new URL('work/stateful.cjs', import.meta.url))

const SETS = 4
const CALLERS = 32
const KILL_EVERY = 50
/** Kills after which the percentiles of rebuilds are worth telling. */
const KILLS = 1000
/** ms that the last calls have when the storm is over. */
const LAST_CALLS = 10_000
const restart = { intensity: Infinity, minBackoff: 0, maxBackoff: 0, startsPerSecond: Infinity }

/** Spaces are killed one after the other, while callers go on calling: no call is lost, none gets what is another's. */
export async function storm({ milliseconds, progress }) {
  const pool = new SpacePool({ restart })
  const sets = await Promise.all(Array.from({ length: SETS }, (_, index) => addSet(pool, index)))
  const quietStart = await measureColdStart(sets[0].set)
  const coldStart = await underLoad(sets.slice(1), () => measureColdStart(sets[0].set))
  const counts = { calls: 0, answered: 0, crashed: 0, wrong: 0, other: 0, kills: 0 }
  const latencies = []
  const strange = new Set()
  const rebuilds = watchRebuilds(pool)
  const stopWatching = watchPromises(strange)
  let over = false

  const callers = Array.from({ length: CALLERS }, async (_, caller) => {
    const { set, tokens } = sets[caller % SETS]
    for (let number = 0; !over; number++) {
      const name = number % 2 === 0 ? 'left' : 'right'
      const begun = performance.now()
      counts.calls++
      try {
        const answer = await set.call(name, 'answer', [number])
        if (answer.token === tokens[name] && answer.number === number) counts.answered++
        else counts.wrong++
      } catch (error) {
        if (isSpacePoolError(error, 'ERR_SPACEPOOL_SPACE_CRASHED')) counts.crashed++
        else if (counts.other++ < 5) strange.add(`a call got ${error?.code ?? error}`)
      }
      if (latencies.length < 5_000_000) latencies.push(performance.now() - begun)
    }
  })
  const end = performance.now() + milliseconds
  while (performance.now() < end) {
    await pause(KILL_EVERY)
    if (killOne(pool, rebuilds)) counts.kills++
    progress(`${whole(counts.calls)} calls, ${counts.kills} kills, ${counts.crashed} crashed`)
  }
  over = true
  await Promise.race([Promise.all(callers), pause(LAST_CALLS)])
  const unsettled = counts.calls - counts.answered - counts.crashed - counts.wrong - counts.other
  const { inFlight, queued } = pool.stats()
  const errors = sets.reduce((sum, { set }) => sum + set.stats().errors, 0)
  await pool.close()
  stopWatching()
  return judge({
    ...counts,
    unsettled,
    inFlight,
    queued,
    errors,
    quietStart,
    coldStart,
    latencies,
    rebuilds,
    strange
  })
}

function judge({ latencies, rebuilds, strange, quietStart, coldStart, ...counts }) {
  const share = counts.answered / (counts.calls - counts.wrong)
  const p99 = percentile(latencies, 0.99)
  const rebuilt = percentile(rebuilds.times, 0.5)
  const checks = [
    [counts.unsettled === 0, `${counts.unsettled} calls never settled`],
    [counts.wrong === 0, `${counts.wrong} calls got the answer of another`],
    [
      counts.inFlight === 0 && counts.queued === 0,
      `${counts.inFlight} calls in flight, ${counts.queued} queued at the end`
    ],
    [
      counts.errors === counts.crashed + counts.other,
      `the sets count ${counts.errors} errors, the callers ${counts.crashed}`
    ],
    [strange.size === 0, [...strange].join('; ')],
    [share >= 0.95, `only ${(share * 100).toFixed(1)} % of the calls were answered`],
    [p99 <= 75 * slack, `the 99th percentile is ${p99.toFixed(1)} ms`],
    [
      rebuilt <= 1.5 * coldStart,
      `kill to ready takes ${rebuilt.toFixed(1)} ms, a cold start ${coldStart.toFixed(1)} ms`
    ]
  ]
  return {
    reached: { kills: [counts.kills, KILLS] },
    figures: {
      calls: counts.calls,
      kills: counts.kills,
      'answered, %': (share * 100).toFixed(2),
      'p50, ms': percentile(latencies, 0.5).toFixed(1),
      'p99, ms': p99.toFixed(1),
      'longest, ms': percentile(latencies, 1).toFixed(1),
      'cold start alone, ms': quietStart.toFixed(1),
      'cold start, ms': coldStart.toFixed(1),
      'kill to ready p50, ms': rebuilt.toFixed(1),
      'kill to ready p99, ms': percentile(rebuilds.times, 0.99).toFixed(1)
    },
    violations: checks.flatMap(([holds, sentence]) => (holds ? [] : [sentence]))
  }
}

async function addSet(pool, index) {
  const tokens = { left: `left ${index}`, right: `right ${index}` }
  const packages = Object.entries(tokens).map(([as, token]) => ({ name: stateful, as, parameters: [token] }))
  return { set: await pool.add(packages), tokens }
}

/** ms from an evicted set to its answer: the median of some. */
async function measureColdStart(set) {
  const times = []
  for (let round = 0; round < 9; round++) {
    await set.evict()
    const begun = performance.now()
    await set.call('left', 'answer', [0])
    times.push(performance.now() - begun)
  }
  return percentile(times, 0.5)
}

/** The same while as many callers as in the storm call the other sets: a start shares the machine with them. */
async function underLoad(sets, measure) {
  let over = false
  const callers = Array.from({ length: CALLERS }, async (_, caller) => {
    while (!over) await sets[caller % sets.length].set.call('left', 'answer', [0])
  })
  const measured = await measure()
  over = true
  await Promise.all(callers)
  return measured
}

/** ms from each kill to the readiness of what came in its place. */
function watchRebuilds(pool) {
  const killed = new Map()
  const times = []
  pool.on('spaceReady', ({ key }) => {
    if (killed.has(key)) times.push(performance.now() - killed.get(key))
    killed.delete(key)
  })
  return { killed, times }
}

function killOne(pool, { killed }) {
  const ready = pool.stats().spaces.filter(({ state }) => state === 'ready')
  const victim = ready[Math.floor(Math.random() * ready.length)]
  if (victim === undefined) return false
  killed.set(victim.key, performance.now())
  process.kill(victim.pid, 'SIGKILL')
  return true
}

/** A call that has an answer, or has failed, and is settled once more. Other promises may race. */
function watchPromises(strange) {
  const listener = (type, promise, value) => {
    if (isSpacePoolError(value) || value?.token !== undefined) {
      strange.add(`a call was settled twice (${type})`)
    }
  }
  process.on('multipleResolves', listener)
  return () => process.off('multipleResolves', listener)
}
