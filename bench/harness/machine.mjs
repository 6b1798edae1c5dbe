import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'
import { pinned } from './install.mjs'

const readJson = (path) => JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'))
const GIB = 1024 ** 3

/** The first number of this Node's version. */
export const major = Number(process.versions.node.split('.')[0])

/** How many others wanted a core in the last minute, when this process began. */
export const load = Number(loadavg()[0].toFixed(1))

/** What the figures depend on. */
export const machine = {
  node: process.versions.node,
  platform: `${process.platform} ${process.arch}`,
  cores: availableParallelism(),
  processor: cpus()[0]?.model.trim() ?? 'unknown',
  memory: `${Math.round(totalmem() / GIB)} GiB`,
  spacepool: readJson('package.json').version,
  packages: { ...pinned, typescript: readJson('node_modules/typescript/package.json').version }
}
