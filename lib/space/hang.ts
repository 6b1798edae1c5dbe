import type { ChildProcess } from 'node:child_process'
import { Deadline, type Bounds } from './deadline.js'
import { withInspector } from './inspector.js'
import type { InspectorSession } from './inspector-session.js'
import { nextStackExpression, stackExpression } from './stack-expressions.js'
import { canBreakOff, framesIn, haveProgram, withoutCallers } from './stack-frames.js'

/** Whether what runs may be broken off now; `stack` is what runs, as from takeStack. */
export type BeginInterrupt = (stack: string | undefined) => boolean

const stacks = new WeakMap<ChildProcess, Promise<string | undefined>>()

/**
 * What a process is doing that does not answer, taken from outside: the frames of the JavaScript it runs, one in each
 * line as in the `stack` of an error, innermost first, without those of Node and of the program in a space beneath
 * them. Undefined when it runs none, after the timeout, and where its inspector cannot be opened: see withInspector.
 * Asked again before it has settled, it waits for the same answer. Never rejects.
 */
export function takeStack(child: ChildProcess, bounds: Bounds): Promise<string | undefined> {
  const begun = stacks.get(child)
  if (begun !== undefined) return new Deadline(bounds).bound(begun)
  const stack = withInspector(child, bounds, describe).finally(() => stacks.delete(child))
  stacks.set(child, stack)
  return stack
}

/**
 * Breaks off the JavaScript that a process runs, up to where the event loop began it. No `catch` and no `finally` in
 * it runs, and waiting microtasks are lost. True when it has been broken off; whether the process is still of use must
 * be seen then. False when it runs none, after the timeout, where its inspector cannot be opened, and below a timer,
 * an immediate or an AsyncResource, where Node does not survive it. `begin` is asked when nothing else is in the way,
 * immediately before, with the stack of what will be broken off, and may still refuse. Never rejects.
 */
export async function interrupt(
  child: ChildProcess,
  bounds: Bounds,
  begin: BeginInterrupt
): Promise<boolean> {
  return (await withInspector(child, bounds, (session) => breakOff(session, begin))) ?? false
}

async function describe(session: InspectorSession): Promise<string | undefined> {
  return stackOf(await runningFrames(session))
}

async function breakOff(session: InspectorSession, begin: BeginInterrupt): Promise<boolean> {
  const frames = await runningFrames(session)
  // Where nothing runs this would break off what runs next.
  if (frames.length === 0 || !canBreakOff(frames) || !begin(stackOf(frames))) return false
  await session.ask('Runtime.terminateExecution')
  return true
}

function stackOf(frames: string[]): string | undefined {
  const ownFrames = withoutCallers(frames)
  return ownFrames.length === 0 ? undefined : ownFrames.join('\n')
}

async function runningFrames(session: InspectorSession): Promise<string[]> {
  const frames = await evaluate(session, stackExpression, false)
  return haveProgram(frames) ? frames : evaluate(session, nextStackExpression, true)
}

async function evaluate(
  session: InspectorSession,
  expression: string,
  awaitPromise: boolean
): Promise<string[]> {
  const answer = await session.ask('Runtime.evaluate', { expression, awaitPromise, silent: true })
  const stack = (answer as { result?: { value?: unknown } } | null)?.result?.value
  return typeof stack === 'string' ? framesIn(stack) : []
}
