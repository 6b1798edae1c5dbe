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

/** Looks again and again until none of these processes runs, and answers those that still do after so long. */
export async function stillRunning(pids: readonly number[], milliseconds: number): Promise<number[]> {
  const deadline = performance.now() + milliseconds
  for (;;) {
    const running = pids.filter(isRunning)
    if (running.length === 0 || performance.now() > deadline) return running
    await new Promise((resolve) => setTimeout(resolve, 2))
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
