import { Piscina } from 'piscina'
import { workFile } from './paths.mjs'

export async function open({ tasks }) {
  const pool = new Piscina({
    filename: workFile('single.cjs'),
    minThreads: 1,
    maxThreads: 1,
    concurrentTasksPerWorker: tasks ?? 1
  })
  return {
    call: (name, parameters) => pool.run(parameters, { name }),
    close: () => pool.destroy()
  }
}
