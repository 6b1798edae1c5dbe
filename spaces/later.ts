import { readFileSync } from 'node:fs'
import { join } from 'node:path'

type Modules = Record<string, unknown>
type Run = (require: NodeJS.Require, outside: Modules, parts: Modules) => void

/** Read at the start: when it is needed it may be gone, or be that of another version. */
const file = join(__dirname, 'later.cjs')
const text = readFileSync(file, 'latin1')

/**
 * Evaluates later.cjs, which uses these modules of main.cjs, and answers its own. What `spaces/build.mjs` writes calls
 * this when something in it is used first.
 */
export function load(outside: Modules): Modules {
  const parts: Modules = {}
  const { compileFunction } = process.getBuiltinModule('node:vm')
  const run = compileFunction(text, ['require', 'outside', 'parts'], { filename: file }) as Run
  run(require, outside, parts)
  return parts
}
