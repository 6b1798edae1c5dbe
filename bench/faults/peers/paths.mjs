import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)

/** The absolute path of a file in bench/faults/work. */
export const workFile = (name) => fileURLToPath(new URL(`../work/${name}.cjs`, import.meta.url))

/** The functions of bench/faults/work, for those who want to be told. */
export const names = Object.keys(require('../work/faulty.cjs'))

/** A module that loads in the shape that a pool wants; one that does not has no shape. */
export const shaped = (module, shape) => workFile(module === 'faulty' ? shape : module)
