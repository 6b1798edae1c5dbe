import { readFileSync, readdirSync } from 'node:fs'

/** The resident memory in MB of each process that this one started, and of those they started. Linux only. */
export const descendantMemory = (pid = process.pid) =>
  childrenOf(pid).flatMap((child) => [residentMemory(child), ...descendantMemory(child)])

const childrenOf = (pid) =>
  readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').trim().split(' ').filter(Boolean)
  )

function residentMemory(pid) {
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [0, 0]
  return Number(kilobytes) / 1024
}
