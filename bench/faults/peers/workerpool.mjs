import workerpool from 'workerpool'
import { shaped } from './paths.mjs'

export async function open(module) {
  const pool = workerpool.pool(shaped(module, 'workerpool'), { workerType: 'process', maxWorkers: 1 })
  return {
    call: (name, parameters, timeout) => {
      const call = pool.exec(name, parameters)
      return timeout ? call.timeout(timeout) : call
    },
    close: () => pool.terminate()
  }
}
