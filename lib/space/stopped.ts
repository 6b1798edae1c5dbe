import { readFileSync } from 'node:fs'

/**
 * Whether a process is stopped, by a signal or a debugger, so that it does nothing at all until it goes on. False where
 * there is no /proc, or no such process. Takes about 30 us.
 */
export function isStopped(pid: number | undefined): boolean {
  if (process.platform !== 'linux' || pid === undefined) return false
  try {
    // The name before it may hold anything, parentheses too.
    return /^.*\) [Tt] /s.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return false
  }
}
