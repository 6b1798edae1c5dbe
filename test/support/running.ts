import { readFileSync } from 'node:fs'

/** Whether a process runs. One that has ended but is not yet collected by its parent does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  return process.platform !== 'linux' || !isZombie(pid)
}

/** ms between two looks. */
const STEP = 10

/**
 * Looks again and again until none of these processes runs, and answers those that still do after so many ms as timers
 * of this process count them: a busy machine makes those late as well. The fault matrix, alone, goes by the clock.
 */
export async function stillRunning(pids: readonly number[], milliseconds: number): Promise<number[]> {
  for (let passed = 0; ; passed += STEP) {
    const running = pids.filter(isRunning)
    if (running.length === 0 || passed > milliseconds) return running
    await new Promise((resolve) => setTimeout(resolve, STEP))
  }
}

function isZombie(pid: number): boolean {
  try {
    // The state stands behind the name, which is in parentheses and may hold any character.
    return /^.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return true
  }
}
