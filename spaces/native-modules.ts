import type ModuleApi from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** Node's own `require`. Under another name, because bundlers follow the calls of `require` itself. */
export const nodeRequire: NodeJS.Require = require

/** Resolves a specifier as `require` does for a file in that folder; throws what `require.resolve` throws. */
export function resolveFrom(folder: string, specifier: string): string {
  return moduleApi().createRequire(standIn(folder)).resolve(specifier)
}

/** Imports a file that is known to be an ES module. */
export function importFile(file: string): Promise<unknown> {
  return import(pathToFileURL(file).href)
}

/**
 * Imports a specifier as `import()` does for a file in that folder. The documented way, a vm script with
 * USE_MAIN_CONTEXT_DEFAULT_LOADER, prints an ExperimentalWarning on every version from 20 to 26, so a module
 * of one line is compiled as if it stood there.
 */
export function importFrom(folder: string, specifier: string): Promise<unknown> {
  const { Module } = moduleApi()
  const filename = standIn(folder)
  const importer = new Module(filename) as CompilableModule
  importer.filename = filename
  importer._compile('module.exports = (specifier) => import(specifier)', filename)
  return (importer.exports as (specifier: string) => Promise<unknown>)(specifier)
}

/** Every loader hook uses `_compile`, though the types of Node leave it out. */
interface CompilableModule extends NodeJS.Module {
  _compile(source: string, filename: string): void
}

/** A file that need not exist: only its folder counts. Its name is seen in messages of Node. */
function standIn(folder: string): string {
  return join(folder, 'spacepool')
}

/** Fetched when needed: it costs up to half a millisecond, which a space that starts need not pay. */
function moduleApi(): typeof ModuleApi {
  return process.getBuiltinModule('node:module')
}
