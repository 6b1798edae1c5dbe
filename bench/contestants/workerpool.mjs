import workerpool from 'workerpool'
import { workFile } from './paths.mjs'

export async function open({ serialization, runsIn, workers }) {
  const pool = workerpool.pool(workFile('workerpool.cjs'), {
    workerType: runsIn,
    maxWorkers: workers,
    forkOpts: { serialization }
  })
  return {
    call: (name, parameters) => pool.exec(name, parameters),
    emit: (name, count, onItem) => pool.exec(name, [count], { on: (items) => onItem(...items) }),
    close: () => pool.terminate()
  }
}
