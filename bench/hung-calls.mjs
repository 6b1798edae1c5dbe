import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

// node bench/hung-calls.mjs [spin | spinInMicrotasks] [<dist> <dist> ...]
//
// How late a call is rejected that times out because its space is blocked, and how often its error has the line that
// blocks: 60 calls, each judged alone; on several builds in turns. To be run after `npm run build`, on a machine that
// does nothing else. The limits are judged of the first build.

const [hang = 'spin', ...folders] = process.argv.slice(2)
const builds = folders.length > 0 ? folders : [fileURLToPath(new URL('../dist', import.meta.url))]
const CALLS = 60
const TIMEOUT = 100
const MOST = 50

const require = createRequire(import.meta.url)
const name = fileURLToPath(new URL('faults/work/faulty.cjs', import.meta.url))
const lanes = await Promise.all(builds.map(open))
for (let count = 0; count < CALLS; count++) {
  for (const lane of count % 2 ? [...lanes].reverse() : lanes) await callOnce(lane, count)
}
for (const lane of lanes) {
  await lane.pool.close()
  tell(lane)
}
const [first] = lanes
process.exitCode = first.late.at(-1) > MOST || first.lines < CALLS ? 1 : 0

async function open(build) {
  const { SpacePool } = require(join(resolve(build), 'lib', 'index.js'))
  const pool = new SpacePool()
  return { build, pool, set: await pool.add({ name, as: 'faulty' }), late: [], lines: 0 }
}

async function callOnce(lane, count) {
  const begun = performance.now()
  const error = await lane.set.call('faulty', hang, [], { timeout: TIMEOUT }).catch((thrown) => thrown)
  lane.late.push(performance.now() - begun - TIMEOUT)
  if (new RegExp(`at .*${hang}.*faulty\\.cjs`).test(error.remoteStack ?? '')) lane.lines++
  await lane.set.call('faulty', 'fine', [count])
}

function tell({ build, late, lines }) {
  late.sort((left, right) => left - right)
  const at = (share) => late[Math.floor((CALLS - 1) * share)].toFixed(1)
  if (builds.length > 1) console.log(build)
  console.log(
    `late by ${at(0.5)} ms (median), ${at(0.95)} ms (95 %), ${at(1)} ms (most); at most ${MOST} are allowed`
  )
  console.log(`with the line that blocks: ${lines} of ${CALLS}`)
}
