import { createRequire } from 'node:module'
import { workFile } from './paths.mjs'

const { SpacePool } = createRequire(import.meta.url)('../..')

/** Spaces with the work loaded in them, as many as there are workers; `ready` is when the first could take a package. */
export async function open({ tasks, workers, options }) {
  const pool = openPool({ concurrency: tasks, replicas: workers, ...options })
  const opened = { ready: undefined }
  pool.once('spaceReady', ({ pid, startup }) => {
    // By then it has loaded the work as well.
    const { uptime } = pool.stats().spaces.find((space) => space.pid === pid)
    opened.ready = performance.now() - (uptime - startup)
  })
  const work = await pool.add({ name: workFile('work.cjs'), as: 'work' })
  opened.call = (name, parameters) => work.call('work', name, parameters)
  opened.emit = (name, count, onItem) => work.call('work', name, [count, onItem])
  opened.close = () => pool.close()
  return opened
}

/** A pool without anything in it, for questions about the pool itself. */
export const openPool = (options) => new SpacePool(options)
