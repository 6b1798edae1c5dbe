import { FixedClusterPool, FixedThreadPool } from 'poolifier'
import { workFile } from './paths.mjs'

export async function open({ serialization, runsIn }) {
  const pool =
    runsIn === 'process'
      ? new FixedClusterPool(1, workFile('poolifier-cluster.cjs'), { settings: { serialization } })
      : new FixedThreadPool(1, workFile('poolifier-thread.cjs'))
  return {
    call: (name, parameters) => pool.execute(parameters, name),
    close: () => pool.destroy()
  }
}
