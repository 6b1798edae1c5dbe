import { invalidOption, invalidSecret } from './errors.js'
import { isRecord, type Check } from './option-checks.js'

/** The variables of a process. It has no prototype, because Node passes inherited properties on, too. */
export type Environment = Record<string, string>

/** Variables that packages commonly need and that are no secrets. */
const HARMLESS = [
  ...['PATH', 'HOME', 'USER', 'TMPDIR', 'TEMP', 'TZ', 'LANG', 'NODE_ENV', 'SSL_CERT_FILE', 'SSL_CERT_DIR'],
  ...[
    'HTTP_PROXY',
    'HTTPS_PROXY',
    'ALL_PROXY',
    'NO_PROXY',
    'http_proxy',
    'https_proxy',
    'all_proxy',
    'no_proxy'
  ]
]

/** Without these, programs on Windows do not find the system, their shell or a folder to write to. */
const NEEDED_ON_WINDOWS = [
  ...['SYSTEMROOT', 'SYSTEMDRIVE', 'WINDIR', 'COMSPEC', 'PATHEXT', 'TMP', 'OS', 'USERNAME', 'USERPROFILE'],
  ...['HOMEDRIVE', 'HOMEPATH', 'APPDATA', 'LOCALAPPDATA', 'PROGRAMDATA', 'PROGRAMFILES', 'PROGRAMFILES(X86)'],
  ...['PROGRAMW6432', 'COMMONPROGRAMFILES', 'NUMBER_OF_PROCESSORS', 'PROCESSOR_ARCHITECTURE']
]

/** It would change, for every space, what the pool relies on, and undo `execArgv`. */
const REFUSED = 'NODE_OPTIONS'

/**
 * The check of the option `env`: it gives the whole environment that spaces start with. `source` is the host's; on
 * Windows the names of variables are the same in any case.
 */
export function environment(
  source: NodeJS.ProcessEnv,
  windows = process.platform === 'win32'
): Check<Environment> {
  return (value, option) => {
    if (value === 'inherit') return everything(source, windows)
    const result = harmless(source, windows)
    if (Array.isArray(value)) addNamed(result, value, option, source, windows)
    else addRecord(result, value, option, windows)
    return result
  }
}

/** What spaces see of the host's environment where the option `env` is not given. */
export function harmless(source: NodeJS.ProcessEnv, windows = process.platform === 'win32'): Environment {
  const names = new Set(windows ? [...HARMLESS, ...NEEDED_ON_WINDOWS] : HARMLESS)
  return copy(source, (name) => {
    const folded = fold(name, windows)
    return names.has(folded) || folded.startsWith('LC_')
  })
}

function everything(source: NodeJS.ProcessEnv, windows: boolean): Environment {
  return copy(source, (name) => fold(name, windows) !== REFUSED)
}

function copy(source: NodeJS.ProcessEnv, wanted: (name: string) => boolean): Environment {
  const result = blank()
  for (const name of Object.keys(source)) {
    const value = source[name]
    if (value !== undefined && wanted(name)) result[name] = value
  }
  return result
}

function addNamed(
  result: Environment,
  names: readonly unknown[],
  option: string,
  source: NodeJS.ProcessEnv,
  windows: boolean
): void {
  const wanted = new Set(Array.from(names, (name, index) => checkName(name, `${option}[${index}]`, windows)))
  Object.assign(
    result,
    copy(source, (name) => wanted.has(fold(name, windows)))
  )
}

function addRecord(result: Environment, record: unknown, option: string, windows: boolean): void {
  if (!isRecord(record)) {
    throw invalidOption(option, "'inherit', an array of names, or a record of variables", record)
  }
  for (const [name, value] of Object.entries(record as Record<string, unknown>)) {
    const folded = checkName(name, option, windows)
    for (const present of Object.keys(result)) if (fold(present, windows) === folded) delete result[present]
    if (value !== undefined) result[name] = checkValue(value, `${option}.${name}`)
  }
}

function checkName(name: unknown, option: string, windows: boolean): string {
  if (typeof name !== 'string' || !/^[^=\0]+$/.test(name)) {
    throw invalidOption(option, 'the name of a variable: a string without = and NUL', name)
  }
  const folded = fold(name, windows)
  if (folded === REFUSED) {
    throw invalidOption(option, 'no NODE_OPTIONS: give flags for spaces in "execArgv"', name)
  }
  return folded
}

function checkValue(value: unknown, option: string): string {
  if (typeof value === 'string' && !value.includes('\0')) return value
  throw invalidSecret(option, 'a string without NUL, or undefined to remove the variable', value)
}

function fold(name: string, windows: boolean): string {
  return windows ? name.toUpperCase() : name
}

function blank(): Environment {
  return Object.create(null) as Environment
}
