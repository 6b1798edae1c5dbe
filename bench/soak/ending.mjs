import { createRequire } from 'node:module'
import { freemem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { percentile } from './figures.mjs'

const { SpacePool } = createRequire(import.meta.url)('../..')
const stateful = fileURLToPath(new URL('work/stateful.cjs', import.meta.url))

const FEW = 20
const MANY = 200
/** As in the tests of OTP's supervisors: ten times as many may take so many times as long. */
const MOST = 15
/** About what a space takes, with room for those who share the machine. */
const SPACE = 40 * 1024 * 1024

/** The time that ending takes grows no faster than the number of the spaces. */
export async function ending({ progress }) {
  if (freemem() < MANY * SPACE) {
    return { figures: { 'not shown': 'there is not enough memory' }, violations: [] }
  }
  const few = []
  for (let round = 0; round < 3; round++) few.push(await timeToEnd(FEW, progress))
  const [short, long] = [percentile(few, 0.5), await timeToEnd(MANY, progress)]
  const times = long / short
  return {
    figures: {
      [`${FEW} spaces, ms`]: short.toFixed(0),
      [`${MANY} spaces, ms`]: long.toFixed(0),
      times: times.toFixed(1)
    },
    violations:
      times <= MOST ? [] : [`ending ${MANY} spaces took ${times.toFixed(1)} times as long as ${FEW}`]
  }
}

async function timeToEnd(count, progress) {
  const pool = new SpacePool({ maxSpaces: count, restart: { startsPerSecond: Infinity } })
  let ready = 0
  pool.on('spaceReady', () => progress(`${++ready} of ${count} spaces are ready`))
  await Promise.all(
    Array.from({ length: count }, (_, index) => pool.add({ name: stateful, as: `package${index}` }))
  )
  const begun = performance.now()
  await pool.close()
  return performance.now() - begun
}
