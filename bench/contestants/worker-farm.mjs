import workerFarm from 'worker-farm'
import { functions, workFile } from './paths.mjs'

export async function open({ serialization, workers: maxConcurrentWorkers }) {
  const workers = workerFarm(
    {
      maxConcurrentWorkers,
      maxConcurrentCallsPerWorker: Infinity,
      workerOptions: { serialization }
    },
    workFile('farm.cjs'),
    functions
  )
  return {
    call: (name, parameters) =>
      new Promise((resolve, reject) => {
        workers[name](...parameters, (error, result) => (error ? reject(error) : resolve(result)))
      }),
    close: () => new Promise((resolve) => workerFarm.end(workers, resolve))
  }
}
