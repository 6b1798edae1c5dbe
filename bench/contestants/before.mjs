import { createRequire } from 'node:module'
import { buildOf } from '../harness/build-of.mjs'
import { workFile } from './paths.mjs'

/** The last commit without live objects. */
const COMMIT = '31a459e'

/** spacepool as it was then. */
export async function open({ tasks }) {
  const { SpacePool } = createRequire(import.meta.url)(buildOf(COMMIT))
  const pool = new SpacePool({ concurrency: tasks })
  const work = await pool.add({ name: workFile('work.cjs'), as: 'work' })
  return { call: (name, parameters) => work.call('work', name, parameters), close: () => pool.close() }
}
