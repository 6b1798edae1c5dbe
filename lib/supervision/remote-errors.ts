import { spaceEntry } from '../space/entry.js'

/** Errors that a package threw in its space, and that have not been given to their caller yet. */
const remote = new WeakSet<object>()

export function markRemote(error: unknown): unknown {
  if (error instanceof Error) remote.add(error)
  return error
}

/** The frame of this file's own callers and of spacepool above it says nothing to a user. */
const ownFrames = /[\\/](lib|dist[\\/]lib)[\\/](space-pool|package-set|supervision[\\/][\w-]+)\.(js|ts):/

/**
 * Gives an error the frames of the caller, who awaits it in the function that calls this. An error from a package keeps
 * the frames of its space above them; an error of spacepool itself has no others worth reading.
 */
export function joinStacks(error: unknown, isOwn: (error: unknown) => boolean): unknown {
  if (!(error instanceof Error)) return error
  const fromSpace = remote.delete(error)
  if (!fromSpace && !isOwn(error)) return error
  const caller = framesOf(new Error()).filter((frame) => !ownFrames.test(frame))
  const head = fromSpace
    ? `${withoutSpaceFrames(error)}\n    at <in a space>`
    : `${error.name}: ${error.message}`
  setStack(error, [head, ...caller].join('\n'))
  return error
}

/** The frames of the program in the space are the same for every call. */
function withoutSpaceFrames(error: Error): string {
  const lines = (error.stack ?? String(error)).split('\n')
  return lines.filter((line) => !line.includes(spaceEntry)).join('\n')
}

function framesOf(error: Error): string[] {
  return (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
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
