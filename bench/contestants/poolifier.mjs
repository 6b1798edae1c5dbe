import { FixedClusterPool, FixedThreadPool } from 'poolifier'
import { workFile } from './paths.mjs'

export async function open({ serialization, runsIn, workers }) {
  const pool =
    runsIn === 'process'
      ? new FixedClusterPool(workers, workFile('poolifier-cluster.cjs'), { settings: { serialization } })
      : new FixedThreadPool(workers, workFile('poolifier-thread.cjs'))
  return {
    call: (name, parameters) => pool.execute(parameters, name),
    close: () => pool.destroy()
  }
}
