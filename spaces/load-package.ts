import { isAbsolute } from 'node:path'
import { Refusal } from '../lib/wire/refusal.js'
import { withCompileCache } from './compile-cache.js'
import { findByPath, findPackage, type FoundPackage } from './find-package.js'
import { isEsModule } from './module-format.js'
import { importFile, importFrom, nodeRequire, resolveFrom } from './native-modules.js'

export interface PackageRequest {
  /** A canonical specifier: builtin, bare or scoped name, either with a subpath, or an absolute path. */
  readonly name: string
  /** Absolute folders, searched in order; findPackage tells how. Not used for builtins and absolute paths. */
  readonly paths: readonly string[]
}

/**
 * Loads a package and answers what it exports: `module.exports` of CommonJS, the namespace of an ES module.
 * Where a package offers both, it is what `require` would take. A package is evaluated once, however often it
 * is loaded. Settles when it is evaluated, which may be never: the caller sets the bound.
 *
 * Refuses with PACKAGE_NOT_FOUND when no folder holds the package, and with PACKAGE_LOAD_FAILED, in its
 * details what was thrown as `cause`, when it is there but does not load: a missing file or dependency, a
 * syntax error, a throw. CommonJS that failed can be repaired on disk and loaded again. Node remembers the ES
 * modules that failed and the package.json files it read; for those a repair counts in a new process only.
 */
export async function loadPackage(request: PackageRequest): Promise<unknown> {
  const { name, paths } = request
  try {
    const builtin = process.getBuiltinModule(name)
    if (builtin !== undefined) return builtin

    const found = find(request)
    if (found !== undefined) return await withCompileCache(() => load(found))
  } catch (cause) {
    throw new Refusal('PACKAGE_LOAD_FAILED', { package: name, cause })
  }
  throw new Refusal('PACKAGE_NOT_FOUND', { package: name, paths: [...paths] })
}

function find({ name, paths }: PackageRequest): FoundPackage | undefined {
  if (name.startsWith('node:')) return undefined
  return isAbsolute(name) ? findByPath(name) : findPackage(name, paths)
}

/** ES modules never go through `require`: some versions warn of it, and all refuse top-level await. */
function load(found: FoundPackage): unknown {
  if ('file' in found) return isEsModule(found.file) ? importFile(found.file) : requireFile(found.file)

  const file = fileForRequire(found.from, found.specifier)
  return file === undefined || isEsModule(file) ? importFrom(found.from, found.specifier) : requireFile(file)
}

/** What only seemed to be CommonJS and waits at its top level is imported; nothing of it has run then. */
function requireFile(file: string): unknown {
  try {
    return nodeRequire(file)
  } catch (error) {
    if ((error as { code?: unknown } | null)?.code === 'ERR_REQUIRE_ASYNC_MODULE') return importFile(file)
    throw error
  }
}

/** Undefined: there is nothing for `require`; should there be nothing for `import` either, that will tell. */
function fileForRequire(from: string, specifier: string): string | undefined {
  try {
    return resolveFrom(from, specifier)
  } catch {
    return undefined
  }
}
