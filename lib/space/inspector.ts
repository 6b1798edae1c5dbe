import type { ChildProcess } from 'node:child_process'
import { INSPECTOR_FLAGS } from '../wire/inspector-flags.js'
import { Deadline, type Bounds } from './deadline.js'
import { InspectorSession } from './inspector-session.js'
import { openInspector } from './open-inspector.js'

export type InspectorWork<T> = (session: InspectorSession) => Promise<T>

/** Settles when the last of those who use the inspector of a process has closed it. */
const closed = new WeakMap<ChildProcess, Promise<void>>()

/**
 * Opens the inspector of a process, does this `work` with it, and closes it again, whatever JavaScript the process is
 * running. Settles with undefined when it has no inspector to open, when `work` fails, and after the timeout, never
 * later. In each process one works after the other.
 *
 * The process must have been started with INSPECTOR_FLAGS and its standard error captured: it is sent SIGUSR1, and
 * Node then listens on a port of 127.0.0.1 for the 5 to 30 ms this takes. Other users of the machine reach that port,
 * but nothing behind it without the path: 122 random bits that are told on standard error alone. A process that is
 * stopped or in native code opens its inspector when it goes on; then it is closed at once.
 */
export async function withInspector<T>(
  child: ChildProcess,
  bounds: Bounds,
  work: InspectorWork<T>
): Promise<T | undefined> {
  if (!INSPECTOR_FLAGS.every((flag) => child.spawnargs.includes(flag))) return undefined
  const deadline = new Deadline(bounds)
  const result = new Promise<T | undefined>((resolve, reject) => {
    const turn = closed.get(child) ?? Promise.resolve()
    closed.set(child, turn.then(() => visit(child, deadline, work, resolve)).catch(reject))
  })
  return deadline.bound(result).catch(() => undefined)
}

/** Tells the result as soon as it is there, and settles when the inspector has been closed. */
async function visit<T>(
  child: ChildProcess,
  deadline: Deadline,
  work: InspectorWork<T>,
  tell: (result: T | undefined) => void
): Promise<void> {
  if (deadline.isPassed) return
  const session = new InspectorSession(await openInspector(child))
  const end = (): void => session.end()
  child.once('exit', end)
  try {
    if (!deadline.isPassed) tell(await Promise.race([work(session), deadline.passed]))
  } finally {
    close(session)
    await session.over
    child.off('exit', end)
  }
}

/** The process closes its inspector instead of answering. One that answers will not close it. */
function close(session: InspectorSession): void {
  const closing = session.ask('Runtime.evaluate', { expression: 'process._debugEnd()' })
  closing.then(
    () => session.end(),
    () => undefined
  )
}
