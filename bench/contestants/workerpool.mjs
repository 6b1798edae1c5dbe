import workerpool from 'workerpool'
import { workFile } from './paths.mjs'

export async function open({ serialization, runsIn }) {
  const pool = workerpool.pool(workFile('workerpool.cjs'), {
    workerType: runsIn,
    maxWorkers: 1,
    forkOpts: { serialization }
  })
  return {
    call: (name, parameters) => pool.exec(name, parameters),
    close: () => pool.terminate()
  }
}
