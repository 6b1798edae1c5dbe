import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { announcedAddress } from './inspector-notices.js'
import type { WebSocketAddress } from './web-socket.js'

/** Characters of standard error in which the announcement is looked for. */
const WINDOW = 1024
/** The bit of SIGUSR1 in the masks of /proc. */
const SIGUSR1 = 1n << 9n

/**
 * Makes a Node process open its inspector, which also works while it runs JavaScript without an end. Settles when it
 * has said on standard error where; rejects when it has exited, or would not survive being asked.
 */
export function openInspector(child: ChildProcess): Promise<WebSocketAddress> {
  return new Promise((resolve, reject) => {
    const { stderr, pid } = child
    if (stderr === null || pid === undefined || hasExited(child) || !survivesSignal(pid)) {
      return reject(new Error('it has no inspector'))
    }
    let text = ''
    stderr.on('data', listen)
    child.once('exit', fail)
    try {
      // Not child.kill: the process is not to end, and `killed` would say that it was told to.
      process.kill(pid, 'SIGUSR1')
    } catch {
      fail()
    }

    function listen(chunk: Buffer): void {
      text = (text + chunk.toString('latin1')).slice(-Math.max(WINDOW, chunk.length))
      const address = announcedAddress(text)
      if (address === undefined) return
      leave()
      resolve(address)
    }

    function fail(): void {
      leave()
      reject(new Error('it is gone'))
    }

    function leave(): void {
      stderr?.off('data', listen)
      child.off('exit', fail)
    }
  })
}

function hasExited(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

/** SIGUSR1 ends a process that does not catch it: one that is not Node, or a Node that is still starting. */
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
