import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { announcedAddress } from './inspector-notices.js'
import type { WebSocketAddress } from './web-socket.js'

/** An announcement takes 80 characters. */
const LONGEST = 128
/** The bit of SIGUSR1 in the masks of /proc. */
const SIGUSR1 = 1n << 9n

/** Tells what a process announces on its standard error from now on. */
export function watchAnnouncements(child: ChildProcess, tell: (address: WebSocketAddress) => void): void {
  let begun = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    const text = begun + chunk.toString('latin1')
    const address = announcedAddress(text)
    begun = address === undefined ? text.slice(-LONGEST) : ''
    if (address !== undefined) tell(address)
  })
}

/**
 * Makes a Node process open its inspector, which also works while it runs JavaScript without an end. Throws when it has
 * exited, or would not survive being asked.
 */
export function askForInspector({ pid, exitCode, signalCode }: ChildProcess): void {
  const isAlive = pid !== undefined && exitCode === null && signalCode === null
  if (!isAlive || !survivesSignal(pid)) throw new Error('it has no inspector')
  // Not child.kill: it is not to end, and `killed` would say that it was told to.
  process.kill(pid, 'SIGUSR1')
}

/**
 * SIGUSR1 ends a process that does not catch it: one that is not Node, or a Node that is still starting. Only Linux
 * tells, so that elsewhere a process must have said that it is ready.
 */
function survivesSignal(pid: number): boolean {
  if (process.platform !== 'linux') return true
  try {
    const [, caught = '0'] =
      /^SigCgt:\s*([\da-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? []
    return (BigInt(`0x${caught}`) & SIGUSR1) !== 0n
  } catch {
    return false
  }
}
