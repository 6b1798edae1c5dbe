import workerFarm from 'worker-farm'
import { workFile } from './paths.mjs'

export async function open({ serialization }) {
  const workers = workerFarm(
    {
      maxConcurrentWorkers: 1,
      maxConcurrentCallsPerWorker: Infinity,
      workerOptions: { serialization }
    },
    workFile('farm.cjs'),
    ['add', 'echo']
  )
  return {
    call: (name, parameters) =>
      new Promise((resolve, reject) => {
        workers[name](...parameters, (error, result) => (error ? reject(error) : resolve(result)))
      }),
    close: () => new Promise((resolve) => workerFarm.end(workers, resolve))
  }
}
