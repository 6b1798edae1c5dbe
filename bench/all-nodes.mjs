import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { runNpm } from './harness/install.mjs'

// npm run bench:nodes                            the benchmark on every Node that spacepool supports, one after the other
// npm run bench:nodes -- --node 22 --node 26     on these
// npm run bench:nodes -- -- --quick calls        what stands behind the second -- goes to the benchmark
//
// The Nodes come from the package registry (npm's package `node`) into a folder that is removed at the end.

const MAJORS = ['20', '22', '24', '26']
const program = fileURLToPath(new URL('run.mjs', import.meta.url))

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { node: { type: 'string', multiple: true, default: MAJORS } }
})
const folder = mkdtempSync(join(tmpdir(), 'bench-nodes-'))
let failed = false
try {
  for (const major of values.node) {
    const file = install(major)
    process.stderr.write(`\nNode ${major}\n`)
    const [code] = await once(spawn(file, [program, ...positionals], { stdio: 'inherit' }), 'exit')
    if (code !== 0) failed = true
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
process.exitCode = failed ? 1 : 0

/** The path of that Node. */
function install(major) {
  const home = join(folder, major)
  mkdirSync(home)
  writeFileSync(join(home, 'package.json'), '{ "private": true, "allowScripts": { "node": true } }\n')
  const { status } = runNpm(['install', '--no-audit', '--no-fund', '--loglevel=error', `node@${major}`], home)
  const file = join(home, 'node_modules/node/bin/node')
  if (status !== 0 || spawnSync(file, ['--version']).status !== 0) {
    throw new Error(`Node ${major} could not be installed`)
  }
  return file
}
