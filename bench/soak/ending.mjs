import { createRequire } from 'node:module'
import { freemem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { percentile } from './figures.mjs'

const { SpacePool } = createRequire(import.meta.url)('../..')
const stateful = fileURLToPath(new URL('work/stateful.cjs', import.meta.url))

const MANY = 200
/** Where there is no time for so many: ms that they need. */
const ENOUGH = 20_000
const NOT_SO_MANY = 60
/** As in the tests of OTP's supervisors: ten times as many may take so many times as long. */
const MOST = 15
/** About what a space takes, with room for those who share the machine. */
const SPACE = 40 * 1024 * 1024

/** The time that ending takes grows no faster than the number of the spaces. */
export async function ending({ milliseconds, progress }) {
  const many = milliseconds < ENOUGH ? NOT_SO_MANY : MANY
  const few = many / 10
  if (freemem() < many * SPACE) {
    return {
      reached: { spaces: [0, MANY] },
      figures: { 'not shown': 'there is not enough memory' },
      violations: []
    }
  }
  const rounds = []
  for (let round = 0; round < 3; round++) rounds.push(await timeToEnd(few, progress))
  const [short, long] = [percentile(rounds, 0.5), await timeToEnd(many, progress)]
  const times = long / short
  return {
    reached: { spaces: [many, MANY] },
    figures: {
      [`${few} spaces, ms`]: short.toFixed(0),
      [`${many} spaces, ms`]: long.toFixed(0),
      times: times.toFixed(1)
    },
    violations:
      times <= MOST ? [] : [`ending ${many} spaces took ${times.toFixed(1)} times as long as ${few}`]
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
