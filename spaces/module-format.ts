import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'

/** Whether Node takes a resolved file for an ES module: by its ending, its package's type, or its syntax. */
export function isEsModule(file: string): boolean {
  const ending = extname(file)
  if (ending === '.mjs' || ending === '.mts') return true
  if (ending !== '.js' && ending !== '.ts' && ending !== '') return false

  const type = nearestType(dirname(file))
  if (type !== undefined) return type === 'module'
  return ending === '.js' && hasEsSyntax(readFileSync(file, 'utf8'))
}

/** The package.json of a folder. Undefined: there is none, or it cannot be read. */
export function readManifest(folder: string): Record<string, unknown> | undefined {
  const file = join(folder, 'package.json')
  if (!existsSync(file)) return undefined
  try {
    const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return typeof manifest === 'object' && manifest !== null ? { ...manifest } : undefined
  } catch {
    return undefined
  }
}

/** The `type` of the nearest package.json, which Node seeks up to a node_modules folder. */
function nearestType(folder: string): 'module' | 'commonjs' | undefined {
  for (let here = folder; basename(here) !== 'node_modules'; here = dirname(here)) {
    if (existsSync(join(here, 'package.json'))) {
      const type = readManifest(here)?.['type']
      return type === 'module' || type === 'commonjs' ? type : undefined
    }
    if (here === dirname(here)) break
  }
  return undefined
}

/** What only an ES module has outside comments and strings; `import(` is for both kinds. */
const esWords = /\b(?:import|export)\b\s*[\w$*{"'.]/

/** What hardly an ES module has. */
const commonJsWords = /\b(?:module\.exports|exports\.[\w$]+)\s*=[^=]/

/** Characters from which on a source is not compiled for the test alone: 9 MB, which typescript has, take 60 ms. */
const LARGE = 512 * 1024

/**
 * CommonJS is what compiles as such. Only a source with the words of an ES module is put to that test; and a large one
 * that seems to be CommonJS is taken for that, as Node finds out while it loads it.
 */
function hasEsSyntax(source: string): boolean {
  if (!esWords.test(source)) return false
  if (source.length > LARGE && commonJsWords.test(source)) return false
  try {
    const parameters = ['exports', 'require', 'module', '__filename', '__dirname']
    process.getBuiltinModule('node:vm').compileFunction(source, parameters)
    return false
  } catch {
    return true
  }
}
