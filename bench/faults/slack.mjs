import { availableParallelism, loadavg } from 'node:os'

/**
 * Set in the processes of the short form, which runs beside other tests: what a busy machine makes late for a moment is
 * no failure there. All of it alone, `npm run faults`, is strict.
 */
export const BESIDE_OTHERS = 'SPACEPOOL_FAULTS_BESIDE_OTHERS'
export const besideOthers = process.env[BESIDE_OTHERS] !== undefined || process.argv.includes('--short')

/** The load of the last minute says little when the other tests have just begun. */
const LEAST_BESIDE = 4

/** How many times as long things may take because the machine has more to do than it has cores. */
export const slack = Math.max(besideOthers ? LEAST_BESIDE : 1, loadavg()[0] / availableParallelism())
