import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

// node bench/hung-calls.mjs
//
// How late a call is rejected that times out because its space is blocked, and how often its error has the line that
// blocks: 60 calls, each judged alone. To be run after `npm run build`, on a machine that does nothing else.

const { SpacePool } = createRequire(import.meta.url)('..')
const CALLS = 60
const TIMEOUT = 100
const MOST = 50

const pool = new SpacePool()
const name = fileURLToPath(new URL('faults/work/faulty.cjs', import.meta.url))
const set = await pool.add({ name, as: 'faulty' })
const late = []
let lines = 0
for (let count = 0; count < CALLS; count++) {
  const begun = performance.now()
  const error = await set.call('faulty', 'spin', [], { timeout: TIMEOUT }).catch((thrown) => thrown)
  late.push(performance.now() - begun - TIMEOUT)
  if (/at .*spin.*faulty\.cjs/.test(error.remoteStack ?? '')) lines++
  await set.call('faulty', 'fine', [count])
}
await pool.close()
late.sort((left, right) => left - right)
const at = (share) => late[Math.floor((CALLS - 1) * share)].toFixed(1)
console.log(
  `late by ${at(0.5)} ms (median), ${at(0.95)} ms (95 %), ${at(1)} ms (most); at most ${MOST} are allowed`
)
console.log(`with the line that blocks: ${lines} of ${CALLS}`)
process.exitCode = late.at(-1) > MOST || lines < CALLS ? 1 : 0
