import { Piscina } from 'piscina'
import { shaped } from './paths.mjs'

export async function open(module) {
  const pool = new Piscina({ filename: shaped(module, 'single'), minThreads: 1, maxThreads: 1 })
  // Errors outside any task are told there.
  pool.on('error', () => {})
  return {
    call: (name, parameters, timeout) =>
      pool.run(parameters, { name, signal: timeout ? AbortSignal.timeout(timeout) : null }),
    close: () => pool.destroy()
  }
}
