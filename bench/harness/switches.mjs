import { readFileSync, readdirSync } from 'node:fs'

/** How often the threads of this process have gone to sleep, from their start. Linux only. */
export const contextSwitches = () =>
  readdirSync('/proc/self/task').reduce((sum, thread) => sum + switchesOf(thread), 0)

function switchesOf(thread) {
  const status = readFileSync(`/proc/self/task/${thread}/status`, 'utf8')
  return Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)[1])
}
