import { Piscina } from 'piscina'
import { workFile } from './paths.mjs'

export async function open({ tasks, workers }) {
  const pool = new Piscina({
    filename: workFile('single.cjs'),
    minThreads: workers,
    maxThreads: workers,
    concurrentTasksPerWorker: tasks ?? 1
  })
  return {
    call: (name, parameters) => pool.run(parameters, { name }),
    close: () => pool.destroy()
  }
}
