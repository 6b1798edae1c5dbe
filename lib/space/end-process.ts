import type { ChildProcess } from 'node:child_process'
import type { StopSettings } from '../settings.js'
import { scheduleTimeout, type Schedule } from './schedule.js'

/** How a process ended. Both are null when it could not be ended in time, and nothing more is known of it. */
export interface Exit {
  code: number | null
  signal: string | null
}

/** SIGKILL ends a process within milliseconds. What is still there after this long hangs in the kernel. */
const PATIENCE = 5000

const endings = new WeakMap<ChildProcess, Promise<Exit>>()

/**
 * Ends a process: calls `ask`, which asks the program itself, then SIGTERM, then SIGKILL, which also goes to the
 * rest of its process group. Without `ask` it begins with SIGTERM. Settles when the process has exited; called again,
 * it is the same promise. Rejects only with what `ask` throws, and the process is ended all the same. It does not keep
 * this process alive.
 */
export function endProcess(
  child: ChildProcess,
  waits: StopSettings,
  ask: (() => void) | undefined,
  schedule: Schedule = scheduleTimeout
): Promise<Exit> {
  const ending = endings.get(child) ?? climb(child, waits, ask, schedule)
  endings.set(child, ending)
  return ending
}

/** Ends a process and its group at once, and says nothing of its end: 'exit' does. */
export function killNow(child: ChildProcess): void {
  if (hasExited(child)) return
  killGroup(child)
  send(child, 'SIGKILL')
}

/** Ends what the process started, as far as it stayed in its group. For when it has exited, too. */
export function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || process.platform === 'win32') return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // Nobody is left in it, or none whom this process may end.
  }
}

function climb(
  child: ChildProcess,
  waits: StopSettings,
  ask: (() => void) | undefined,
  schedule: Schedule
): Promise<Exit> {
  if (hasExited(child)) return Promise.resolve(exitOf(child))
  return new Promise((resolve) => {
    const steps: [act: () => void, wait: number][] = [
      [() => send(child, 'SIGTERM'), waits.terminate],
      [() => killNow(child), PATIENCE]
    ]
    if (ask !== undefined) steps.unshift([ask, waits.ask])
    let cancel = () => {}
    child.once('exit', settle)
    step()

    function step(): void {
      const [act, wait = 0] = steps.shift() ?? []
      if (!act) return settle()
      cancel = schedule(wait, step)
      act()
    }

    function settle(): void {
      cancel()
      child.off('exit', settle)
      resolve(exitOf(child))
    }
  })
}

function hasExited(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

function exitOf(child: ChildProcess): Exit {
  return { code: child.exitCode, signal: child.signalCode }
}

/** A process that is gone makes this return false; one that may not be ended gives an 'error' event or throws. */
function send(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    child.kill(signal)
  } catch {
    // Nothing else can be done about it; the next step or the end of the wait follows.
  }
}
