import type { ChildProcess } from 'node:child_process'
import { INSPECTOR_FLAGS } from '../wire/inspector-flags.js'
import { InspectorSession } from './inspector-session.js'
import { openInspector } from './open-inspector.js'
import { scheduleTimeout, type Schedule } from './schedule.js'
import type { WebSocketAddress } from './web-socket.js'

export type InspectorWork<T> = (session: InspectorSession) => Promise<T>

export interface InspectorBounds {
  /** ms until it is given up. */
  readonly timeout: number
  readonly schedule?: Schedule
}

/** ms in which a process closes its inspector: it needs one, unless it is stopped or in native code. */
const CLOSED_WITHIN = 1000

const inspectors = new WeakMap<ChildProcess, Inspector>()

/**
 * Opens the inspector of a process, does this `work` with it, and closes it again, whatever JavaScript the process is
 * running. Settles with undefined when it has no inspector to open, when `work` fails, and after the timeout, never
 * later. In each process one works after the other.
 *
 * The process must have been started with INSPECTOR_FLAGS and its standard error captured: it is sent SIGUSR1, and
 * Node then listens on a port of 127.0.0.1 for the 10 to 20 ms this takes. Other users of the machine reach that port,
 * but nothing behind it without the path: 122 random bits that are told on standard error alone. A process that is
 * stopped or in native code opens its inspector when it goes on; then it is closed at once.
 */
export async function withInspector<T>(
  child: ChildProcess,
  { timeout, schedule = scheduleTimeout }: InspectorBounds,
  work: InspectorWork<T>
): Promise<T | undefined> {
  if (!INSPECTOR_FLAGS.every((flag) => child.spawnargs.includes(flag))) return undefined
  const inspector = inspectors.get(child) ?? new Inspector(child)
  inspectors.set(child, inspector)
  const deadline = new Deadline(timeout, schedule)
  try {
    return await Promise.race([inspector.use(work, deadline), deadline.passed])
  } catch {
    return undefined
  } finally {
    deadline.cancel()
  }
}

class Deadline {
  readonly passed: Promise<undefined>
  isPassed = false
  cancel: () => void = () => undefined

  constructor(
    timeout: number,
    readonly schedule: Schedule
  ) {
    this.passed = new Promise((resolve) => {
      this.cancel = schedule(timeout, () => {
        this.isPassed = true
        resolve(undefined)
      })
    })
  }
}

class Inspector {
  /** Where it listens. Undefined when it is closed, as far as is known. */
  private address: WebSocketAddress | undefined
  /** Settles when the last of those who use it has closed it. */
  private free: Promise<unknown> = Promise.resolve()

  constructor(private readonly child: ChildProcess) {}

  use<T>(work: InspectorWork<T>, deadline: Deadline): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      this.free = this.free.then(() => this.visit(work, deadline, resolve)).catch(reject)
    })
  }

  /** Tells the result as soon as it is there, and settles when the inspector has been closed. */
  private async visit<T>(
    work: InspectorWork<T>,
    deadline: Deadline,
    tell: (result: T | undefined) => void
  ): Promise<void> {
    if (deadline.isPassed) return
    const session = await this.enter()
    try {
      if (!deadline.isPassed) tell(await Promise.race([work(session), deadline.passed]))
    } finally {
      await this.leave(session, deadline.schedule)
    }
  }

  private async enter(): Promise<InspectorSession> {
    const known = this.address && new InspectorSession(this.address)
    if (known !== undefined && (await known.isOpen)) return known
    this.address = undefined
    this.address = await openInspector(this.child)
    return new InspectorSession(this.address)
  }

  private async leave(session: InspectorSession, schedule: Schedule): Promise<void> {
    let closed = true
    const cancel = schedule(CLOSED_WITHIN, () => {
      closed = false
      session.end()
    })
    // This ends the session instead of being answered.
    session.ask('Runtime.evaluate', { expression: 'process._debugEnd()' }).catch(() => undefined)
    await session.over
    cancel()
    if (closed) this.address = undefined
  }
}
