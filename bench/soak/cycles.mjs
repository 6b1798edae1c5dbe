import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { possessions, whole } from './figures.mjs'

const { SpacePool } = createRequire(import.meta.url)('../..')
const stateful = fileURLToPath(new URL('work/stateful.cjs', import.meta.url))

const MOST = 10_000
const WARM_UP = 100
/** Sets that are evicted and rebuilt at the same time. */
const AT_ONCE = 4
const KIB = 1024
const MIB = 1024 * KIB

/** Spaces are evicted and come back, again and again: the host gains nothing by it. */
export async function cycles({ milliseconds, progress }) {
  const pool = new SpacePool({ restart: { startsPerSecond: Infinity } })
  const callback = () => 'called back'
  const sets = await Promise.all(
    Array.from({ length: AT_ONCE }, (_, index) =>
      pool.add({ name: stateful, as: `package${index}`, parameters: [callback] })
    )
  )
  const end = performance.now() + milliseconds
  let done = 0
  let failed = 0
  const lane = async (set, index, most) => {
    while (done < most && performance.now() < end) {
      const number = done++
      await set.evict()
      const answer = await set.call(`package${index}`, 'answer', [number]).catch(() => undefined)
      if (answer?.number !== number) failed++
      progress(`${whole(number)} cycles`)
    }
  }
  const round = (most) => Promise.all(sets.map((set, index) => lane(set, index, most)))
  await round(WARM_UP)
  const before = await possessions([pool])
  await round(WARM_UP + MOST)
  const after = await possessions([pool])
  const { callbacks } = sets
    .map((set) => set.stats())
    .reduce((sum, { callbacks }) => ({ callbacks: sum.callbacks + callbacks }))
  await pool.close()
  return judge({ before, after, count: done - WARM_UP, failed, callbacks })
}

function judge({ before, after, count, failed, callbacks }) {
  const gained = (name) => after[name] - before[name]
  const perCycle = gained('heap') / count
  const exact = ['descriptors', 'handles', 'timers', 'listeners']
  const checks = [
    [count > 0, 'there was no time for a single cycle'],
    [failed === 0, `${failed} calls got no answer`],
    ...exact.map((name) => [gained(name) <= 0, `the host gained ${gained(name)} ${name}`]),
    // A small number of cycles says nothing of what one costs.
    [perCycle <= KIB || gained('heap') < MIB, `the heap grew by ${Math.round(perCycle)} bytes a cycle`],
    [gained('resident') <= 30 * MIB, `resident memory grew by ${Math.round(gained('resident') / MIB)} MiB`],
    [callbacks <= AT_ONCE, `${callbacks} callbacks are lent to ${AT_ONCE} spaces that hold one each`]
  ]
  return {
    reached: { cycles: [count, MOST] },
    figures: {
      cycles: count,
      ...Object.fromEntries(exact.map((name) => [`${name} gained`, gained(name)])),
      'heap a cycle, bytes': Math.round(perCycle),
      'resident gained, MiB': (gained('resident') / MIB).toFixed(1)
    },
    violations: checks.flatMap(([holds, sentence]) => (holds ? [] : [sentence]))
  }
}
