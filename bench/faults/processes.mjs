import { readdirSync, readFileSync } from 'node:fs'

/** The variable by which the processes of one host are known, whoever their parent is by then. */
export const TAG = 'SPACEPOOL_FAULT'

/** The living processes that carry this tag. Linux shows the environment of a process; elsewhere none are found. */
export function taggedProcesses(tag) {
  const entry = `${TAG}=${tag}\0`
  return numbers('/proc').filter((pid) => read(`/proc/${pid}/environ`).includes(entry))
}

/** The living children of a process, whatever their environment. */
export function childrenOf(parent) {
  return numbers('/proc').filter((pid) => {
    const [, state, ppid] = /^.*\) (\S) (\d+)/s.exec(read(`/proc/${pid}/stat`)) ?? []
    return Number(ppid) === parent && state !== 'Z' && state !== 'X'
  })
}

/** Whether a process runs; one that has ended and was not collected yet does not. */
export function isRunning(pid) {
  const [, state] = /^.*\) (\S)/s.exec(read(`/proc/${pid}/stat`)) ?? []
  return state !== undefined && state !== 'Z' && state !== 'X'
}

/** ms until none of these runs any more; Infinity when one still does after `patience` ms. */
export async function untilGone(pids, patience) {
  const begun = performance.now()
  for (;;) {
    if (!pids.some(isRunning)) return performance.now() - begun
    if (performance.now() - begun > patience) return Infinity
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

/** Ends processes of ours, by their numbers. */
export function kill(pids) {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It is gone already.
    }
  }
}

function numbers(folder) {
  try {
    return readdirSync(folder).map(Number).filter(Boolean)
  } catch {
    return []
  }
}

function read(path) {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
