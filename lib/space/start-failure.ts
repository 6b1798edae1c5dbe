import { accessSync, constants, statSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import type { ProcessSettings } from '../settings.js'

/** A process could not be started. The message is a part of a sentence; nothing was left behind. */
export class StartFailure extends Error {
  constructor(
    /** What was refused: a folder, a program, a user, or a process as such. */
    readonly tried: string,
    /** The code of the system's error, such as `ENOENT`. */
    readonly code: string,
    cause?: unknown
  ) {
    super(`${tried} (${code})`, cause === undefined ? undefined : { cause })
    this.name = 'StartFailure'
  }
}

/**
 * The system reports a missing folder and a missing program alike, and a synchronous start reports no code at all;
 * so both are looked at again.
 */
export function startFailure(
  settings: ProcessSettings,
  code: string | undefined,
  cause?: unknown
): StartFailure {
  const { cwd, execPath } = settings
  const folderFault = faultOf(() => statSync(`${cwd}/.`))
  if (folderFault) return new StartFailure(`the folder "${cwd}" cannot be entered`, folderFault, cause)
  const programFault = isAbsolute(execPath) ? faultOf(() => accessSync(execPath, constants.X_OK)) : undefined
  if (programFault) return new StartFailure(`the program "${execPath}" cannot be run`, programFault, cause)
  switch (code) {
    case 'EPERM':
      return new StartFailure(`this process may not start another one${identity(settings)}`, code, cause)
    case 'EMFILE':
    case 'ENFILE':
      return new StartFailure('too many files are open', code, cause)
    case undefined:
    case 'EAGAIN':
      return new StartFailure('the system starts no more processes', code ?? 'EAGAIN', cause)
    case 'ENOENT':
    case 'EACCES':
      return new StartFailure(`the program "${execPath}" cannot be run in the folder "${cwd}"`, code, cause)
    default:
      return new StartFailure(`the program "${execPath}" cannot be started`, code, cause)
  }
}

function identity({ uid, gid }: ProcessSettings): string {
  const parts = [uid !== undefined && `user ${uid}`, gid !== undefined && `group ${gid}`].filter(Boolean)
  return parts.length === 0 ? '' : ` as ${parts.join(', ')}`
}

function faultOf(look: () => unknown): string | undefined {
  try {
    look()
    return undefined
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'UNKNOWN'
  }
}
