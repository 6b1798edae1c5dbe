import { readFileSync } from 'node:fs'

/** Flag of the kernel: it is on its way out, or has ended and its parent has not been told yet. */
const EXITING = 4

/**
 * Whether a process is stopped, by a signal or a debugger, so that it does nothing at all until it goes on. False where
 * there is no /proc, or no such process. Takes about 30 us.
 */
export function isStopped(pid: number | undefined): boolean {
  const [state = ''] = fieldsOf(pid)
  return state === 'T' || state === 't'
}

/** Whether a process is ending, by itself or by a signal, and nothing can change that. False as above. */
export function isExiting(pid: number | undefined): boolean {
  const flags = fieldsOf(pid)[6]
  return flags !== undefined && (Number(flags) & EXITING) !== 0
}

/** What the kernel tells of it behind its name, as in proc_pid_stat(5) from the third field on. */
function fieldsOf(pid: number | undefined): string[] {
  if (process.platform !== 'linux' || pid === undefined) return []
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name may hold anything, parentheses too.
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return []
  }
}
