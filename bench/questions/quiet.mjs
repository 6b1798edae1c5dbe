import { setTimeout } from 'node:timers/promises'
import { contextSwitches } from '../harness/switches.mjs'
import { openPool } from './open.mjs'

const SPACES = 50
/** Milliseconds after work until V8 has collected its garbage, also in a host without a pool: it takes 8 to 10 s. */
const SETTLED = 15_000

export const question = {
  name: 'quiet',
  title: "An idle pool of 50 spaces: the host's voluntary context switches",
  cases: [
    {
      name: 'in 30 s',
      wait: 30_000,
      together: true,
      linux: true,
      rounds: 1,
      onlyFull: true,
      long: true,
      deadline: 90_000
    }
  ],
  metrics: [{ name: 'switches', unit: 'times', better: 'less' }],
  contestants: ['spacepool', 'no pool'],
  references: [],
  marks: [{ metric: 'switches', of: 'no pool', beyondAtMost: 0 }]
}

export async function prepare(details) {
  const pool = details.contestant.name === 'spacepool' ? await openIdle(details) : undefined
  const round = async () => {
    await setTimeout(SETTLED)
    const before = contextSwitches()
    await setTimeout(details.testCase.wait)
    return { switches: contextSwitches() - before }
  }
  return { round, close: () => pool?.close() }
}

async function openIdle(details) {
  const pool = await openPool(details, { maxSpaces: SPACES, replicas: SPACES, inactivityTimeout: Infinity })
  const set = await pool.add('path')
  const names = await Promise.all(
    Array.from({ length: SPACES * 2 }, (_, n) => set.call('path', 'basename', [`/folder/${n}`]))
  )
  if (names.some((name, n) => name !== String(n))) throw new Error('basename answered wrong')
  if (pool.stats().spaces.length !== SPACES) throw new Error(`there are not ${SPACES} spaces`)
  return pool
}
