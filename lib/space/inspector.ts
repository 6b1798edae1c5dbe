import type { ChildProcess } from 'node:child_process'
import { INSPECTOR_FLAGS } from '../wire/inspector-flags.js'
import { Deadline, type Bounds } from './deadline.js'
import { askForInspector, watchAnnouncements } from './inspector-announcements.js'
import { InspectorSession } from './inspector-session.js'
import { isStopped } from './process-state.js'
import type { WebSocketAddress } from './web-socket.js'

export type InspectorWork<T> = (session: InspectorSession) => Promise<T>

const inspectors = new WeakMap<ChildProcess, Inspector>()

/**
 * Opens the inspector of a process, does this `work` with it, and closes it again, whatever JavaScript the process is
 * running. Settles with undefined when it has no inspector to open, when `work` fails, and after the timeout, never
 * later. In each process one works after the other.
 *
 * The process must have been started with INSPECTOR_FLAGS and its standard error captured: it is sent SIGUSR1, and
 * Node then listens on a port of 127.0.0.1 for the 5 to 30 ms this takes. Other users of the machine reach that port,
 * but nothing behind it without the path: 122 random bits that are told on standard error alone. A process in native
 * code opens its inspector when it goes on; then it is closed at once. One that is stopped is not asked, where that is
 * known of it.
 */
export async function withInspector<T>(
  child: ChildProcess,
  bounds: Bounds,
  work: InspectorWork<T>
): Promise<T | undefined> {
  if (!INSPECTOR_FLAGS.every((flag) => child.spawnargs.includes(flag))) return undefined
  if (isStopped(child.pid)) return undefined
  const inspector = inspectors.get(child) ?? new Inspector(child)
  inspectors.set(child, inspector)
  const deadline = new Deadline(bounds)
  return deadline.bound(inspector.use(work, deadline)).catch(() => undefined)
}

class Inspector {
  /** Settles when the last of those who use it has closed it. */
  private closed: Promise<void> = Promise.resolve()
  private found: ((address: WebSocketAddress) => void) | undefined
  /** Node opens it up to twice for a signal: when it interrupts what runs, and when the event loop turns. */
  private mayOpenAgain = false

  constructor(private readonly child: ChildProcess) {
    watchAnnouncements(child, (address) => this.announced(address))
  }

  use<T>(work: InspectorWork<T>, deadline: Deadline): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      this.closed = this.closed.then(() => this.visit(work, deadline, resolve)).catch(reject)
    })
  }

  /** Tells the result as soon as it is there, and settles when the inspector has been closed. */
  private async visit<T>(
    work: InspectorWork<T>,
    deadline: Deadline,
    tell: (result: T | undefined) => void
  ): Promise<void> {
    if (deadline.isPassed) return
    const session = new InspectorSession(await this.open())
    try {
      if (!deadline.isPassed) tell(await Promise.race([work(session), deadline.passed]))
    } finally {
      await this.close(session)
    }
  }

  private async open(): Promise<WebSocketAddress> {
    const { child } = this
    askForInspector(child)
    return new Promise((resolve, reject) => {
      const gone = (): void => reject(new Error('it is gone'))
      this.found = (address) => {
        this.found = undefined
        child.off('exit', gone)
        resolve(address)
      }
      child.once('exit', gone)
    })
  }

  private announced(address: WebSocketAddress): void {
    if (this.found !== undefined) {
      this.mayOpenAgain = true
      this.found(address)
    } else if (this.mayOpenAgain) {
      this.mayOpenAgain = false
      this.closed = this.closed.then(() => this.close(new InspectorSession(address))).catch(() => undefined)
    }
  }

  /**
   * The process closes its inspector instead of answering. One that answers will not close it, and when the process has
   * ended, whoever still listens is not its inspector.
   */
  private async close(session: InspectorSession): Promise<void> {
    const end = (): void => session.end()
    const hasExited = this.child.exitCode !== null || this.child.signalCode !== null
    if (hasExited) return end()
    this.child.once('exit', end)
    session.ask('Runtime.evaluate', { expression: 'process._debugEnd()' }).then(end, end)
    await session.over
    this.child.off('exit', end)
  }
}
