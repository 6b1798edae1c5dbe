import { parseArgs } from 'node:util'

const FULL = { rounds: 5, warm: 400, window: 150 }
/** So much work that the start of the processes is a small part of their profiles. */
const PROFILE = { rounds: 5, warm: 400, window: 1000 }
const QUICK = { rounds: 3, warm: 400, window: 100 }
/** Seconds after which a check begins no further case, so that it ends within two minutes on any machine. */
const BUDGET = 85

/**
 * Reads the command line: the names of questions (none: all) and the flags, as run.mjs lists them. `warm` is the time
 * to compile and `window` the length of one round, both in milliseconds; `budget` is in seconds.
 */
export function readSettings(args) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      profile: { type: 'boolean', default: false }
    }
  })
  const { check, only, profile } = values
  const quick = values.quick || check
  return {
    ...(quick ? QUICK : profile ? PROFILE : FULL),
    ...{ names: positionals, quick, check, only, profile },
    budget: check ? BUDGET : Infinity,
    writes: !quick && !profile && only.length === 0
  }
}
