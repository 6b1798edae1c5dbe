import { availableParallelism } from 'node:os'
import { pinned } from './install.mjs'

/** What the figures depend on. */
export const machine = {
  node: process.versions.node,
  platform: `${process.platform} ${process.arch}`,
  cores: availableParallelism(),
  packages: pinned
}
