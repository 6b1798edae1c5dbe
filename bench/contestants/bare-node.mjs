import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { add } from '../work/work.cjs'

/** A Node process that does nothing, from its start to its end: the floor of every start. */
export async function open() {
  await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit')
  return {
    ready: performance.now(),
    call: async (name, parameters) => add(...parameters),
    close: async () => {}
  }
}
