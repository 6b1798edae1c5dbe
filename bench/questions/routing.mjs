import { runLanes, warmUp } from '../harness/lanes.mjs'
import { openPool } from './open.mjs'

const FEW = 100
const MANY = 1000
/** Sets that are called by turns; the spaces of the others were stopped to make room for the next. */
const LIVE = 4

export const question = {
  name: 'routing',
  title: "The host's processor time for a call, by name, in a pool of many sets",
  cases: [{ name: '1000 beside 100 sets', inFlight: 64, onlyFull: true, long: true, deadline: 180_000 }],
  metrics: [
    { name: 'with 1000', unit: 'us', better: 'less' },
    { name: 'with 100', unit: 'us', better: 'less' }
  ],
  contestants: ['spacepool'],
  references: [],
  marks: [{ metric: 'with 1000', ofMetric: 'with 100', atMost: 1.2 }]
}

export async function prepare(details) {
  const few = await openSets(details, FEW)
  const many = await openSets(details, MANY)
  const works = [few, many].map((pool) => workFor(pool, details.testCase))
  const counts = []
  for (const work of works) counts.push(await warmUp(work, details.settings))
  const count = Math.min(...counts)
  const round = async () => ({
    'with 100': await timeCall(works[0], count),
    'with 1000': await timeCall(works[1], count)
  })
  return { round, close: () => Promise.all([few.close(), many.close()]) }
}

/** The first sets are called afterwards, and so come back. */
async function openSets(details, count) {
  const pool = await openPool(details, { maxSpaces: LIVE, inactivityTimeout: Infinity })
  let next = 0
  const adder = async () => {
    while (next < count) await pool.add({ name: 'path', as: nameOf(next++) })
  }
  await Promise.all(Array.from({ length: LIVE }, adder))
  return pool
}

const workFor = (pool, { inFlight }) => ({
  inFlight,
  begin: (n) => pool.call(nameOf(n % LIVE), 'basename', [`/folder/${n}`]),
  isRight: (result, n) => result === String(n)
})

async function timeCall(work, count) {
  const before = process.cpuUsage()
  await runLanes(work, count)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / count
}

const nameOf = (n) => `path${n}`
