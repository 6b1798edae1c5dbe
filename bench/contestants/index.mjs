import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/**
 * Who takes part. `role`: `own` (spacepool), `limit` (nothing can be faster), `plain` (Node without a library, or
 * spacepool as it was), `peer` or `link` (makes objects of another process usable here, but starts none). `many`:
 * several calls at a time are given to the worker, as many as are in flight; otherwise the contestant's own default
 * holds. `reuse`: received buffers lie in the same memory again and again, which no library can do that gives its
 * values away. `options`: of the pool. Those without a `module` are in the question itself.
 */
const contestants = [
  { name: 'spacepool', role: 'own', runsIn: 'process', module: 'spacepool', many: true },
  { name: 'spacepool, default concurrency', role: 'own', runsIn: 'process', module: 'spacepool' },
  {
    name: 'spacepool, callTimeout',
    role: 'own',
    runsIn: 'process',
    module: 'spacepool',
    many: true,
    options: { callTimeout: 60_000 }
  },
  { name: 'spacepool, before live objects', role: 'plain', runsIn: 'process', module: 'before', many: true },
  { name: 'raw limit', role: 'limit', runsIn: 'process', module: 'raw' },
  { name: 'raw limit, reused memory', role: 'limit', runsIn: 'process', module: 'raw', reuse: true },
  { name: 'node -e 0', role: 'limit', runsIn: 'process', module: 'bare-node' },
  { name: 'idle node', role: 'limit', runsIn: 'process', module: 'idle-node' },
  { name: 'plain require', role: 'plain', runsIn: 'process' },
  { name: 'no pool', role: 'plain', runsIn: '-' },
  { name: 'comlink', role: 'link', runsIn: 'process', module: 'comlink' },
  { name: 'capnweb', role: 'link', runsIn: 'process', module: 'capnweb' },
  { name: 'fork and send', role: 'plain', runsIn: 'process', module: 'fork' },
  { name: 'jest-worker', role: 'peer', runsIn: 'process', module: 'jest-worker' },
  { name: 'workerpool', role: 'peer', runsIn: 'process', module: 'workerpool' },
  { name: 'workerpool, thread', role: 'peer', runsIn: 'thread', module: 'workerpool' },
  { name: 'tinypool', role: 'peer', runsIn: 'process', module: 'tinypool' },
  { name: 'tinypool, thread', role: 'peer', runsIn: 'thread', module: 'tinypool' },
  { name: 'piscina', role: 'peer', runsIn: 'thread', module: 'piscina' },
  { name: 'piscina, many tasks', role: 'peer', runsIn: 'thread', module: 'piscina', many: true },
  { name: 'poolifier', role: 'peer', runsIn: 'process', module: 'poolifier' },
  { name: 'poolifier, thread', role: 'peer', runsIn: 'thread', module: 'poolifier' },
  { name: 'worker-farm', role: 'peer', runsIn: 'process', module: 'worker-farm' }
]

/** The description of one contestant. */
export function contestantNamed(name) {
  const found = contestants.find((contestant) => contestant.name === name)
  if (!found) throw new Error(`No contestant is named ${name}`)
  return found
}

export const peers = contestants.filter(({ role }) => role === 'peer').map(({ name }) => name)

/** Imports a contestant's adapter; only the process that measures it does so. */
export const loadContestant = ({ module }) => import(`./${module}.mjs`)

/** False while the library is not built. */
export function isSpacepoolBuilt() {
  try {
    return existsSync(require.resolve('../..'))
  } catch {
    return false
  }
}
