import { parseArgs } from 'node:util'

const FULL = { rounds: 7, warm: 400, window: 200 }
const QUICK = { rounds: 3, warm: 400, window: 100 }

/**
 * Reads the command line: the names of questions (none: all) and the flags, as run.mjs lists them. `warm` is the time to compile and
 * `window` the length of one round, both in milliseconds.
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
  const quick = values.quick || values.check
  return { ...(quick ? QUICK : FULL), ...values, quick, names: positionals }
}
