import workerFarm from 'worker-farm'
import { names, shaped } from './paths.mjs'

/** Its timeout is one for all calls. */
export async function open(module, timeout = Infinity) {
  const options = { maxConcurrentWorkers: 1, maxConcurrentCallsPerWorker: Infinity, maxCallTime: timeout }
  const workers = workerFarm(options, shaped(module, 'farm'), names)
  return {
    call: (name, parameters) =>
      new Promise((resolve, reject) => {
        workers[name](...parameters, (error, result) => (error ? reject(error) : resolve(result)))
      }),
    close: () => new Promise((resolve) => workerFarm.end(workers, resolve))
  }
}
