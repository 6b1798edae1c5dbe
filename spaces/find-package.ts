import { existsSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { readManifest } from './module-format.js'
import { nodeRequire, resolveFrom } from './native-modules.js'

/** What to load: a file, or a specifier that Node resolves, by `exports`, for a module in `from`. */
export type FoundPackage = { readonly file: string } | { readonly from: string; readonly specifier: string }

/**
 * Finds a package by its name. Each path is a folder that holds packages, whatever it is called, and a folder
 * to start Node's look-up from: its node_modules and those of the folders above. In a folder that is not
 * called node_modules only what has a package.json counts as a package; a bare file or folder there
 * (`redis.js`, `test/`) is taken when nothing was found anywhere else. Last comes Node's own look-up, which
 * knows NODE_PATH and the hooks of package managers.
 *
 * Undefined: there is no such package. Throws Node's error when it is there without the file.
 */
export function findPackage(name: string, paths: readonly string[]): FoundPackage | undefined {
  const packageName = /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name
  const subpath = name.slice(packageName.length)
  let failure: Error | undefined

  for (const { folder, anything } of searchOrder(paths)) {
    const packageFolder = join(folder, packageName)
    const manifest = readManifest(packageFolder)
    if (manifest === undefined && !(anything && existsSync(folder))) continue
    if (hasExports(manifest) && isNodeModules(folder)) return { from: folder, specifier: name }
    try {
      return inPackageFolder(packageFolder, manifest, subpath)
    } catch (error) {
      if (codeOf(error) !== 'MODULE_NOT_FOUND') throw error
      if (manifest !== undefined) failure ??= error as Error
    }
  }
  if (failure !== undefined) throw failure
  return byNode(name, paths)
}

/** Finds a file, or the package in a folder, by its absolute path. Undefined: there is nothing to load. */
export function findByPath(path: string): FoundPackage | undefined {
  const manifest = readManifest(path)
  try {
    return inPackageFolder(path, manifest, '')
  } catch (error) {
    if (codeOf(error) === 'MODULE_NOT_FOUND' && manifest === undefined) return undefined
    throw error
  }
}

interface SearchedFolder {
  readonly folder: string
  /** Whether a file, or a folder without package.json, is taken for a package there. */
  readonly anything: boolean
}

function* searchOrder(paths: readonly string[]): Generator<SearchedFolder> {
  const folders = [...new Set(paths.map((path) => resolve(path)))]
  const seen = new Set<string>()
  for (const start of folders) {
    if (!isNodeModules(start)) yield { folder: start, anything: false }
    for (const folder of nodeModulesFrom(start)) {
      if (!seen.has(folder)) yield { folder, anything: true }
      seen.add(folder)
    }
  }
  for (const folder of folders) {
    if (!isNodeModules(folder)) yield { folder, anything: true }
  }
}

function* nodeModulesFrom(start: string): Generator<string> {
  for (let here = start; ; here = dirname(here)) {
    yield isNodeModules(here) ? here : join(here, 'node_modules')
    if (here === dirname(here)) return
  }
}

/** With `exports`, a package is resolved from inside and by its own name: that works in every folder. */
function inPackageFolder(folder: string, manifest: Manifest | undefined, subpath: string): FoundPackage {
  const name = manifest?.['name']
  if (hasExports(manifest) && typeof name === 'string') return { from: folder, specifier: name + subpath }
  return { file: nodeRequire.resolve(join(folder, subpath)) }
}

function byNode(specifier: string, paths: readonly string[]): FoundPackage | undefined {
  for (const from of paths) {
    try {
      resolveFrom(from, specifier)
      return { from, specifier }
    } catch (error) {
      if (codeOf(error) === 'ERR_PACKAGE_PATH_NOT_EXPORTED') return { from, specifier }
    }
  }
  return undefined
}

type Manifest = Record<string, unknown>

function hasExports(manifest: Manifest | undefined): boolean {
  return manifest?.['exports'] !== undefined && manifest['exports'] !== null
}

function isNodeModules(folder: string): boolean {
  return basename(folder) === 'node_modules'
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code
}
