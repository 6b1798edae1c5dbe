import { isBuiltin } from 'node:module'
import { posix, win32 } from 'node:path'
import { fileURLToPath } from 'node:url'
import { functionNotFound, invalidAlias, invalidArgument, invalidName } from './errors.js'

/** As in the registry of npm; a subpath counts. */
const LONGEST_NAME = 214
/** As PATH_MAX of Linux. */
const LONGEST_PATH = 4096
/** No real function lies deeper; more would only be work for the space. */
const MOST_SEGMENTS = 16
const LONGEST_FUNCTION_PATH = 1024

/**
 * The canonical form of the name of a package: what sets are keyed by, `allow` is asked about and a space loads.
 * Bare names stay, `node:fs` becomes `fs`, paths are made regular, a `file:` URL becomes its path. `argument` says
 * where the name was given. Throws INVALID_ARGUMENT for what is no string and INVALID_NAME for any other name.
 */
export function parsePackageName(
  name: unknown,
  argument: string,
  windows = process.platform === 'win32'
): { specifier: string } {
  if (typeof name !== 'string') throw invalidArgument(argument, 'the name of a package', name)
  return { specifier: canonicalName(name, windows) }
}

/**
 * The name that a package has in its set, where the user chose one: `as`. Throws INVALID_ARGUMENT for what is no
 * string and INVALID_NAME for a name that is not made of letters, digits and `@ / . _ ~ -`.
 */
export function parseAlias(alias: unknown, argument: string): string {
  if (typeof alias !== 'string') throw invalidArgument(argument, 'a name', alias)
  const reason = refusalOfAlias(alias)
  if (reason !== undefined) throw invalidAlias(alias, argument, reason)
  return alias
}

function refusalOfAlias(alias: string): string | undefined {
  if (alias === '') return 'is empty'
  if (alias.length > LONGEST_NAME) return `has more than ${LONGEST_NAME} characters`
  if (alias === '__proto__') return 'is __proto__'
  if (/^[./]/.test(alias)) return `begins with ${alias.charAt(0)}`
  return /^[a-z0-9@_~./-]+$/i.test(alias) ? undefined : 'holds another character'
}

/**
 * Checks the path of a function before it is sent; the walk itself is the space's. Throws INVALID_ARGUMENT for what
 * is no string, and FUNCTION_NOT_FOUND for a path that no walk may take.
 */
export function checkFunctionPath(packageName: string, path: unknown): asserts path is string {
  if (typeof path !== 'string') throw invalidArgument('path', 'the path of a function', path)
  if (checkedPaths.has(path)) return
  const reason = refusalOfPath(path)
  if (reason !== undefined) throw functionNotFound({ package: packageName, path, reason })
  if (checkedPaths.size >= MOST_CHECKED_PATHS) checkedPaths.clear()
  if (path.length <= LONGEST_CHECKED_PATH) checkedPaths.add(path)
}

function canonicalName(name: string, windows: boolean): string {
  if (name === '') throw invalidName(name, 'is empty')
  if (name.length > LONGEST_PATH) throw invalidName(name, `has more than ${LONGEST_PATH} characters`)
  if (/[\p{Cc}\p{Cs}]/u.test(name)) throw invalidName(name, 'holds a control character or half a character')
  if (/^file:/i.test(name)) return canonicalPath(pathOfUrl(name, windows), name, windows)
  if (windows ? win32.isAbsolute(name) : posix.isAbsolute(name)) return canonicalPath(name, name, windows)
  if (name.startsWith('node:')) return canonicalBuiltin(name)
  return checkedBareName(name, name)
}

function canonicalBuiltin(name: string): string {
  const bare = checkedBareName(name.slice('node:'.length), name)
  return isBuiltin(bare) ? bare : name
}

function pathOfUrl(name: string, windows: boolean): string {
  if (!/^file:\//i.test(name)) throw invalidName(name, 'is a relative URL')
  if (/[?#]/.test(name)) throw invalidName(name, 'is a URL with a query or a fragment')
  if (/(^|[:/\\])(\.|%2e){2}([/\\]|$)/i.test(name)) throw invalidName(name, 'holds the segment ".."')
  try {
    return urlToPath(name, { windows })
  } catch {
    throw invalidName(name, 'is a file: URL without a path on this machine')
  }
}

/** The option `windows` is in every Node that spacepool runs on, but not yet in the types of Node 20. */
const urlToPath = fileURLToPath as (url: string, options: { windows: boolean }) => string

function canonicalPath(path: string, name: string, windows: boolean): string {
  if (path.includes('\0')) throw invalidName(name, 'holds a control character or half a character')
  if (path.split(windows ? /[/\\]/ : '/').includes('..')) throw invalidName(name, 'holds the segment ".."')
  if (!windows) return posix.resolve(path)
  if (/^[/\\]{2}[.?][/\\]/.test(path)) throw invalidName(name, 'is the path of a device')
  return win32.resolve(path).replace(/^[a-z]:/, (drive) => drive.toUpperCase())
}

/** One segment of a bare name: what npm's schema of package.json allows, old upper case included. */
const NAME = /^[a-z0-9~*-][a-z0-9._~*-]*$/i

function checkedBareName(bare: string, name: string): string {
  const reason = refusalOfBareName(bare)
  if (reason !== undefined) throw invalidName(name, reason)
  return bare
}

function refusalOfBareName(bare: string): string | undefined {
  if (bare.length > LONGEST_NAME) return `has more than ${LONGEST_NAME} characters`
  if (/^\.{1,2}([/\\]|$)/.test(bare)) return 'is a relative path; make it absolute with path.resolve()'
  if (/^[a-z][a-z0-9+.-]*:/i.test(bare)) return 'is a URL other than file: or a path of another system'
  if (/[\s\p{C}]/u.test(bare)) return 'holds white space or an invisible character'
  if (bare.includes('\\')) return 'holds a backslash'
  if (bare.startsWith('#')) return 'is a subpath import, which belongs to one package alone'
  if (/[%?#:]/.test(bare)) return 'holds one of the characters % ? # :'
  const segments = bare.split('/')
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..')) {
    return 'holds an empty segment, "." or ".."'
  }
  if (segments.includes('__proto__')) return 'holds the segment __proto__'
  if (segments.some((segment) => segment.toLowerCase() === 'node_modules')) {
    return 'holds the segment node_modules'
  }
  return refusalOfPackage(segments)
}

function refusalOfPackage(segments: readonly string[]): string | undefined {
  const scoped = segments[0]?.startsWith('@') === true
  const parts = scoped ? [segments[0]?.slice(1) ?? '', segments[1] ?? ''] : [segments[0] ?? '']
  if (parts.includes('')) return 'is a scope without a package'
  if (parts.some((part) => /^[._]/.test(part))) return 'starts with a dot or an underscore'
  if (!parts.every((part) => NAME.test(part))) return 'holds characters that no package has in its name'
  return undefined
}

/** Paths that were found good, so that a call costs one look-up. Emptied when full, as users may choose paths. */
const checkedPaths = new Set<string>()
const MOST_CHECKED_PATHS = 1000
const LONGEST_CHECKED_PATH = 100

const FORBIDDEN = ['__proto__', 'prototype', 'constructor']

function refusalOfPath(path: string): string | undefined {
  if (path === '') return undefined
  if (path.length > LONGEST_FUNCTION_PATH) return `has more than ${LONGEST_FUNCTION_PATH} characters`
  const segments = path.split('.')
  if (segments.length > MOST_SEGMENTS) return `has more than ${MOST_SEGMENTS} segments`
  if (segments.includes('')) return 'has an empty segment'
  const forbidden = segments.find((segment) => FORBIDDEN.includes(segment))
  return forbidden === undefined ? undefined : `may not lead through ${forbidden}`
}
