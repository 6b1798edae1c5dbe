import { Tinypool } from 'tinypool'
import { workFile } from './paths.mjs'

export async function open({ serialization, runsIn, tasks }) {
  const pool = new Tinypool({
    filename: workFile('single.cjs'),
    runtime: runsIn === 'process' ? 'child_process' : 'worker_threads',
    minThreads: 1,
    maxThreads: 1,
    concurrentTasksPerWorker: tasks ?? 1,
    serialization,
    env: process.env
  })
  return {
    call: (name, parameters) => pool.run(parameters, { name }),
    close: () => pool.destroy()
  }
}
