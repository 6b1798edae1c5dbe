import { Tinypool } from 'tinypool'
import { workFile } from './paths.mjs'

export async function open({ serialization, runsIn, tasks, workers }) {
  const pool = new Tinypool({
    filename: workFile('single.cjs'),
    runtime: runsIn === 'process' ? 'child_process' : 'worker_threads',
    minThreads: workers,
    maxThreads: workers,
    concurrentTasksPerWorker: tasks ?? 1,
    serialization,
    env: process.env
  })
  return {
    call: (name, parameters) => pool.run(parameters, { name }),
    close: () => pool.destroy()
  }
}
