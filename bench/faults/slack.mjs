import { availableParallelism, loadavg } from 'node:os'

/** How many times as long things may take because the machine has more to do than it has cores. */
export const slack = Math.max(1, loadavg()[0] / availableParallelism())
