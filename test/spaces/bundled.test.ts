import { expect } from 'chai'
import { build, stop } from 'esbuild'
import { execFile } from 'node:child_process'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { packages, removeWrittenFolders, writtenFolder } from './fixtures.js'

const source = `
import { loadPackage } from ${JSON.stringify(resolve(__dirname, '../../spaces/load-package.ts'))}

const [names, paths] = process.argv.slice(2).map((text) => JSON.parse(text))
const kinds = {}
Promise.all(
  names.map(async (name) => {
    try {
      const exported = await loadPackage({ name, paths })
      kinds[name] = exported[Symbol.toStringTag] === 'Module' ? 'module' : typeof exported
    } catch (refusal) {
      kinds[name] = refusal.code
    }
  })
).then(() => console.log(JSON.stringify(kinds)))
`

/** What a program of one bundled file loads in a process of its own, and what it prints meanwhile. */
async function kindsInProcess(names: string[], paths: string[], env: NodeJS.ProcessEnv = {}) {
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [program, JSON.stringify(names), JSON.stringify(paths)],
    { env: { ...process.env, NODE_OPTIONS: undefined, ...env }, cwd: folder }
  )
  return { kinds: JSON.parse(stdout) as Record<string, string>, stderr }
}

let folder: string
let program: string

describe('loading packages from one bundled file', () => {
  before(async () => {
    folder = writtenFolder({ 'entry.ts': source })
    program = join(folder, 'program.cjs')
    await build({
      entryPoints: [join(folder, 'entry.ts')],
      outfile: program,
      bundle: true,
      minify: true,
      platform: 'node',
      target: 'node20',
      format: 'cjs',
      logLevel: 'error'
    })
    await stop()
  })
  after(removeWrittenFolders)

  it('requires and imports with what Node has, and prints no warning', async () => {
    const { kinds, stderr } = await kindsInProcess(
      [
        'plain-functions',
        'both-formats',
        'class-with-state',
        'fs',
        'esm-only',
        'esm-only/extra',
        'esm-top-level-await',
        'esm-without-exports',
        'throws-at-load',
        'esm-throws-at-load',
        'is-installed-nowhere'
      ],
      [packages]
    )
    expect(kinds).to.deep.equal({
      'plain-functions': 'object',
      'both-formats': 'object',
      'class-with-state': 'function',
      fs: 'object',
      'esm-only': 'module',
      'esm-only/extra': 'module',
      'esm-top-level-await': 'module',
      'esm-without-exports': 'module',
      'throws-at-load': 'PACKAGE_LOAD_FAILED',
      'esm-throws-at-load': 'PACKAGE_LOAD_FAILED',
      'is-installed-nowhere': 'PACKAGE_NOT_FOUND'
    })
    expect(stderr).to.equal('')
  })

  it('finds what is in NODE_PATH last', async () => {
    const paths = [join(packages, 'two-versions/one')]
    const { kinds } = await kindsInProcess(['plain-functions', 'versioned'], paths, { NODE_PATH: packages })
    expect(kinds).to.deep.equal({ 'plain-functions': 'object', versioned: 'object' })
  })
})
