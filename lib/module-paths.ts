import { realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { invalidOption } from './errors.js'
import type { Check } from './option-checks.js'
import { texts } from './option-checks.js'

/**
 * Where packages are looked up if the option `paths` is not given: the `node_modules` folders from the main module
 * upwards, then those from the current folder upwards. The second matter where another program is the main module: a
 * test runner, a process manager, a read-eval-print loop.
 */
export function modulePathsOfProgram(): readonly string[] {
  return Object.freeze([...new Set([...modulePathsOfMain(), ...modulePathsFrom(process.cwd())])])
}

/** The check of the option `paths`: absolute folders, each once. */
export const folders: Check<readonly string[]> = (value, option) => {
  const absolute = texts(value, option).map((path, index) => absolutePath(path, `${option}[${index}]`))
  return Object.freeze([...new Set(absolute)])
}

function modulePathsOfMain(): readonly string[] {
  if (require.main !== undefined) return require.main.paths
  const script = process.argv[1]
  return script === undefined ? [] : modulePathsFrom(dirname(realPath(script)))
}

/** An ES module has no list of paths; this is how Node makes the list of a CommonJS module. */
function modulePathsFrom(folder: string): string[] {
  const own = basename(folder) === 'node_modules' ? [] : [join(folder, 'node_modules')]
  const parent = dirname(folder)
  return parent === folder ? own : [...own, ...modulePathsFrom(parent)]
}

function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return resolve(path)
  }
}

function absolutePath(path: string, option: string): string {
  if (!/^file:/i.test(path)) return resolve(path)
  try {
    return fileURLToPath(path)
  } catch (error) {
    throw invalidOption(option, 'a path, or a file: URL of this machine', path, error)
  }
}
