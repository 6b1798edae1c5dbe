import { describeThrown } from '../describe.js'
import { isSpacePoolError } from '../errors.js'
import { spaceFiles } from '../space/entry.js'
import type { Step } from '../wire/chain.js'
import { describeFailure } from '../wire/describe-chain.js'
import { isError } from '../wire/is-error.js'

/** Errors that a package threw in its space, and that have not been given to their caller yet. */
const remote = new WeakSet<object>()

export function markRemote(error: unknown): unknown {
  if (isError(error)) remote.add(error)
  return error
}

/** The frame of this file's own callers and of spacepool above it says nothing to a user. */
const ownFrames =
  /[\\/](lib|dist[\\/]lib)[\\/](space-pool|package-set|(supervision|wire)[\\/][\w-]+)\.(js|ts):/

/**
 * Gives an error the frames of the caller: those that call the function that calls this, or where a promise calls this,
 * as the second argument of `then`, those that await what `then` returned. An error from a package keeps the frames of
 * its space above them; an error of spacepool itself has no others worth reading.
 */
export function joinStacks(error: unknown): unknown {
  if (!isError(error)) return error
  const fromSpace = remote.delete(error)
  if (!fromSpace && !isSpacePoolError(error)) return error
  const caller = framesOf(new Error()).filter((frame) => !ownFrames.test(frame))
  const head = fromSpace ? `${withoutSpaceFrames(error)}\n    at <in a space>` : headOf(error)
  setStack(error, [head, ...caller].join('\n'))
  return error
}

/** The same, thrown. */
export function throwJoined(error: unknown): never {
  throw joinStacks(error)
}

/**
 * The same for an error at a step of a chain, which it names: `at sharp(…).resize(…) → toBuffer (in a space)`. The frames
 * of the caller are those of the line that the chain was written in.
 */
export function joinChainStack(error: unknown, step: Step, isOwn: boolean): unknown {
  if (!isError(error)) return error
  const caller = framesOf(step.trace ?? {}).filter((frame) => !ownFrames.test(frame))
  const head = isOwn ? headOf(error) : withoutSpaceFrames(error)
  setStack(error, [head, `    at ${describeFailure(step)} (in a space)`, ...caller].join('\n'))
  return error
}

const waited = new WeakSet<object>()

/** Gives an error at a step of a chain, of which it is not known where it was written, the frames of who awaited it. */
export function joinWaiting(error: unknown, trace: { stack?: string }): void {
  if (!isError(error) || waited.has(error)) return
  waited.add(error)
  const caller = framesOf(trace).filter((frame) => !ownFrames.test(frame))
  setStack(error, [stackOf(error), ...caller].join('\n'))
}

/** The frames of spacepool, of its program in the space and here, are the same for every call. */
function withoutSpaceFrames(error: Error): string {
  const lines = stackOf(error).split('\n')
  return lines.filter((line) => !line.includes(spaceFiles) && !ownFrames.test(line)).join('\n')
}

/** What stands in its place where it is no text, or cannot be read: anything may be thrown. */
function stackOf(error: Error): string {
  try {
    const stack: unknown = error.stack
    return typeof stack === 'string' ? stack : headOf(error)
  } catch {
    return headOf(error)
  }
}

function headOf(error: Error): string {
  try {
    return String(error)
  } catch {
    return describeThrown(error)
  }
}

/** None where the program has an `Error.prepareStackTrace` of its own that fails, or makes something else than a text. */
function framesOf(error: { stack?: unknown }): string[] {
  try {
    const { stack } = error
    return typeof stack === 'string' ? stack.split('\n').filter((line) => /^\s+at /.test(line)) : []
  } catch {
    return []
  }
}

function setStack(error: Error, stack: string): void {
  try {
    Object.defineProperty(error, 'stack', {
      value: stack,
      writable: true,
      enumerable: false,
      configurable: true
    })
  } catch {
    // A frozen error keeps the stack it has.
  }
}
