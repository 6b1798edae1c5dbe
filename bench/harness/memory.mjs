import { readFileSync, readdirSync } from 'node:fs'

/** The resident memory in MB of all processes that this one started, and of those they started. Linux only. */
export const descendantMemory = (pid = process.pid) =>
  childrenOf(pid).reduce((sum, child) => sum + residentMemory(child) + descendantMemory(child), 0)

const childrenOf = (pid) =>
  readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').trim().split(' ').filter(Boolean)
  )

function residentMemory(pid) {
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [0, 0]
  return Number(kilobytes) / 1024
}
