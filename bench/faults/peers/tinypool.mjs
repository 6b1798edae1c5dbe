import { Tinypool } from 'tinypool'
import { shaped } from './paths.mjs'

export async function open(module) {
  const pool = new Tinypool({
    filename: shaped(module, 'single'),
    runtime: 'child_process',
    minThreads: 1,
    maxThreads: 1,
    env: process.env
  })
  return {
    call: (name, parameters, timeout) =>
      pool.run(parameters, { name, signal: timeout && AbortSignal.timeout(timeout) }),
    close: () => pool.destroy()
  }
}
