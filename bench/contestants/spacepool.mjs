import { createRequire } from 'node:module'
import { workFile } from './paths.mjs'

const { SpacePool } = createRequire(import.meta.url)('../..')

/** One space with the work loaded in it; `ready` is when the space could take its first package. */
export async function open({ tasks, options }) {
  const pool = new SpacePool({ concurrency: tasks, ...options })
  const opened = { ready: undefined }
  pool.once('spaceReady', () => (opened.ready = performance.now()))
  const work = await pool.add({ name: workFile('work.cjs'), as: 'work' })
  opened.call = (name, parameters) => work.call('work', name, parameters)
  opened.close = () => pool.close()
  return opened
}
