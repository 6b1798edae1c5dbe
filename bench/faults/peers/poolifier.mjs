import { FixedClusterPool } from 'poolifier'
import { shaped } from './paths.mjs'

export async function open(module) {
  const pool = new FixedClusterPool(1, shaped(module, 'poolifier'))
  return {
    call: (name, parameters, timeout) =>
      pool.execute(parameters, name, timeout && AbortSignal.timeout(timeout)),
    close: () => pool.destroy()
  }
}
