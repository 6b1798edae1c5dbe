import { spawnSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'

export interface Child {
  pid: number
  command: string
}

/** The living children of this process, those that ended but are not yet collected left out. */
export function livingChildren(): Child[] {
  return process.platform === 'linux' ? childrenFromProc() : childrenFromPs()
}

/**
 * Children that are in `before` keep their right to live; the others have `grace` milliseconds to end, as timers of
 * this process count them.
 */
export async function strayChildren(before: ReadonlySet<number>, grace: number): Promise<Child[]> {
  let passed = 0
  for (let pause = 1; ; pause = Math.min(pause * 2, 50)) {
    const strays = livingChildren().filter((child) => !before.has(child.pid))
    if (strays.length === 0 || passed >= grace) return strays
    await new Promise((resolve) => setTimeout(resolve, pause))
    passed += pause
  }
}

/** Ends one child by its process id; the process group of the same id goes with it, if there is one. */
export function killChild(pid: number): void {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, 'SIGKILL')
    } catch {
      // Gone already, or not the leader of a group.
    }
  }
}

function childrenFromProc(): Child[] {
  const children: Child[] = []
  for (const thread of readdirSync('/proc/self/task')) {
    for (const pid of readProc(`/proc/self/task/${thread}/children`).split(' ').map(Number)) {
      if (pid === 0) continue
      const status = readProc(`/proc/${pid}/stat`)
      // The state stands behind the name, which is in parentheses and may hold any character.
      const state = status.charAt(status.lastIndexOf(')') + 2)
      if (state === '' || state === 'Z' || state === 'X') continue
      const command = readProc(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim()
      children.push({ pid, command })
    }
  }
  return children
}

function readProc(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function childrenFromPs(): Child[] {
  const listing = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,command='], { encoding: 'utf8' })
  const children: Child[] = []
  for (const line of (listing.stdout ?? '').split('\n')) {
    const [, pid, parent, state, command] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? []
    if (Number(parent) !== process.pid || Number(pid) === listing.pid || state?.startsWith('Z')) continue
    children.push({ pid: Number(pid), command: command ?? '' })
  }
  return children
}
