import type { ChildProcess } from 'node:child_process'
import { Deadline, type Bounds } from './deadline.js'
import { withInspector } from './inspector.js'
import type { InspectorSession } from './inspector-session.js'
import { nextStackExpression, stackExpression } from './stack-expressions.js'
import { canBreakOff, framesIn, haveProgram, withoutCallers } from './stack-frames.js'

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
 * an immediate or an AsyncResource, where Node does not survive it. Never rejects.
 */
export async function interrupt(child: ChildProcess, bounds: Bounds): Promise<boolean> {
  return (await withInspector(child, bounds, breakOff)) ?? false
}

async function describe(session: InspectorSession): Promise<string | undefined> {
  const frames = withoutCallers(await runningFrames(session))
  return frames.length === 0 ? undefined : frames.join('\n')
}

async function breakOff(session: InspectorSession): Promise<boolean> {
  const frames = await runningFrames(session)
  // Where nothing runs this would break off what runs next.
  if (frames.length === 0 || !canBreakOff(frames)) return false
  await session.ask('Runtime.terminateExecution')
  return true
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
