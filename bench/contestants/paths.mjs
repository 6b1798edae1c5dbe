import { fileURLToPath } from 'node:url'

/** The absolute path of a file in bench/work. */
export const workFile = (name) => fileURLToPath(new URL(`../work/${name}`, import.meta.url))
