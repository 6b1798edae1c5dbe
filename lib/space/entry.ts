import { dirname, join, sep } from 'node:path'

/**
 * The program that runs in a space, always as built. This file alone knows where it is; it is itself either
 * lib/space/entry.ts or, once built, dist/lib/space/entry.js.
 */
export const spaceEntry: string = __filename.endsWith('.ts')
  ? join(__dirname, '../../dist/spaces/main.cjs')
  : join(__dirname, '../../spaces/main.cjs')

/** What the path of each of its files begins with, as in the frames of a stack. */
export const spaceFiles: string = dirname(spaceEntry) + sep
