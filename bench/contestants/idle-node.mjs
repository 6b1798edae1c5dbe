import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { add } from '../work/work.cjs'

/** A bare Node process that waits: the floor of the memory of every child. */
export async function open() {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
    stdio: ['pipe', 'inherit', 'inherit']
  })
  return {
    call: async (name, parameters) => add(...parameters),
    close: async () => {
      child.stdin.end()
      await once(child, 'exit')
    }
  }
}
