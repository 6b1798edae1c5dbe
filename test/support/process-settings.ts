import { join } from 'node:path'
import type { ProcessSettings } from '../../lib/settings.js'

/** Settings for a process that gets nothing from this one but the path to programs. */
export function processSettings(changes: Partial<ProcessSettings> = {}): ProcessSettings {
  const env = Object.assign(Object.create(null) as Record<string, string>, { PATH: process.env.PATH })
  return {
    ...{ execPath: process.execPath, execArgv: [], env, cwd: __dirname, uid: undefined, gid: undefined },
    ...{ stdio: 'captured', handles: false, ref: false },
    ...changes
  }
}

/** The path of one of the small programs that stand in for the program of a space. */
export function program(name: string): string {
  return join(__dirname, '../fixtures/programs', name)
}
