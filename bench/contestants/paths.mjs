import { fileURLToPath } from 'node:url'

/** The absolute path of a file in bench/work. */
export const workFile = (name) => fileURLToPath(new URL(`../work/${name}`, import.meta.url))

/** The functions of bench/work, for those who want to be told. */
export const functions = ['add', 'echo', 'size', 'factorial', 'format']
