import { Worker } from 'jest-worker'
import { functions, workFile } from './paths.mjs'

export async function open({ serialization, workers }) {
  const worker = new Worker(workFile('work.cjs'), {
    exposedMethods: functions,
    forkOptions: { serialization },
    numWorkers: workers
  })
  return {
    call: (name, parameters) => worker[name](...parameters),
    close: () => worker.end()
  }
}
