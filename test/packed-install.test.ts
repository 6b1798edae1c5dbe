import { resolve } from 'node:path'
import { expect } from 'chai'
import { installConsumer, type Consumer } from './support/consumer.js'
import { runNode } from './support/run-program.js'

const modules = resolve(__dirname, '../node_modules')
const compilers = [
  { version: 6, program: resolve(modules, 'typescript/bin/tsc6') },
  { version: 7, program: resolve(modules, '@typescript/native/bin/tsc') }
]

describe('A packed install', () => {
  let consumer: Consumer

  before(async function () {
    this.timeout(180_000)
    consumer = await installConsumer()
  })

  after(async () => {
    await consumer?.remove()
  })

  it('contains what was built, and nothing else of the repository', () => {
    expect(consumer.packed).to.include.members([
      'package.json',
      'LICENSE',
      'README.md',
      'CHANGELOG.md',
      'dist/lib/index.js',
      'dist/lib/index.d.ts',
      'dist/lib/compat.js',
      'dist/lib/compat.d.ts',
      'dist/lib/context.js',
      'dist/lib/context.d.ts',
      'dist/spaces/main.cjs',
      'dist/spaces/program.cjs',
      'dist/spaces/later.cjs'
    ])
    const others = consumer.packed.filter((path) => !path.startsWith('dist/'))
    expect(others).to.have.members(['package.json', 'LICENSE', 'README.md', 'CHANGELOG.md'])
  })

  it('is used from CommonJS', async () => {
    await expectOutput('require.cjs', 'Hello, CommonJS true true ERR_SPACEPOOL_FUNCTION_NOT_FOUND')
  })

  it('is used from ESM', async () => {
    await expectOutput('import.mjs', 'Hello, ESM true true ERR_SPACEPOOL_FUNCTION_NOT_FOUND')
  })

  it('gives the older API to CommonJS by require, named and default', async () => {
    await expectOutput('compat-require.cjs', 'true Package is added to space true Hello, compat true true')
  })

  it('gives the older API to ESM by a default and a named import', async () => {
    await expectOutput('compat-import.mjs', 'true Package is added to space true Hello, compat true')
  })

  for (const { version, program } of compilers) {
    it(`compiles with TypeScript ${version} under NodeNext, its own declarations checked`, async function () {
      this.timeout(300_000)
      const compiled = await runNode(program, ['-p', '.'], { cwd: consumer.folder, bound: 200_000 })
      expect(compiled.stdout).to.equal('')
      expect(compiled.code).to.equal(0)
    })
  }

  it('runs as it was compiled', async () => {
    await expectOutput(
      'built/typed-import.mjs',
      "[ 'trace 1', 'trace 1' ] undefined\nHello, TypeScript a/b 1 true"
    )
    await expectOutput('built/typed-require.cjs', 'HELLO, TYPESCRIPT a/b ERR_SPACEPOOL_FUNCTION_NOT_FOUND')
    await expectOutput('built/compat-typed-import.mjs', 'true true Hello, compat true')
    await expectOutput('built/compat-typed-require.cjs', 'true true Hello, compat true')
  })

  async function expectOutput(file: string, line: string): Promise<void> {
    const result = await runNode(file, [], { cwd: consumer.folder, bound: 50_000 })
    expect(result).to.deep.equal({ code: 0, signal: null, stdout: `${line}\n`, stderr: '' })
  }
})
