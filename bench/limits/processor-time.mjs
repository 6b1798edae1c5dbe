import { readdirSync, readFileSync } from 'node:fs'

/** Microseconds that all threads of a process have run. Linux only. */
export function processorTime(pid) {
  const threads = readdirSync(`/proc/${pid}/task`)
  const times = threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8'))
  return times.reduce((sum, text) => sum + Number(text.split(' ')[0]) / 1000, 0)
}
