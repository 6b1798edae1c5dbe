import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { execFile } from 'node:child_process'
import { mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { folders, modulePathsOfProgram } from '../../lib/module-paths.js'

const parse = (value: unknown) => folders(value, 'paths')

describe('The folders that hold packages', () => {
  it('are made absolute, each once, in the order given', () => {
    const given = ['/b', 'a', pathToFileURL('/c d').href, '/b/']
    expect(parse(given)).to.deep.equal(['/b', resolve('a'), '/c d'])
  })

  it('may be none', () => expect(parse([])).to.deep.equal([]))

  it('are frozen', () => expect(parse(['/a'])).to.be.frozen)

  for (const [title, value, option] of [
    ['a string', '/a', 'paths'],
    ['false', false, 'paths'],
    ['an element that is no string', ['/a', 1], 'paths[1]'],
    ['an empty element', [''], 'paths[0]'],
    ['NUL', ['a\0'], 'paths[0]'],
    ['a URL of another machine', ['file://server/a%2Fb'], 'paths[0]']
  ] as const) {
    it(`cannot be ${title}`, () => expect(() => parse(value)).to.throw(`Option "${option}"`))
  }
})

describe('The module paths of the program', () => {
  it('are the folders above the main module and above the current folder, each once', () => {
    const paths = modulePathsOfProgram()
    expect(paths).to.include(resolve('node_modules')).and.include(resolve('/node_modules'))
    expect(new Set(paths).size).to.equal(paths.length)
    expect(paths).to.be.frozen
  })

  it('go up from the real folder of an ES module that is the main one, before the current folder', async () => {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'spacepool-')))
    try {
      const program = join(folder, 'main.mjs')
      const library = resolve('lib/module-paths.ts')
      const text = [
        "import { createRequire } from 'node:module'",
        `const load = createRequire(${JSON.stringify(resolve('package.json'))})`,
        "load('ts-node/register')",
        `console.log(JSON.stringify(load(${JSON.stringify(library)}).modulePathsOfProgram()))`
      ]
      await writeFile(program, text.join('\n'))
      await symlink(program, join(folder, 'link.mjs'))
      const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'link.mjs')])
      const paths = JSON.parse(stdout) as string[]
      expect(paths[0]).to.equal(join(folder, 'node_modules'))
      expect(paths).to.include(resolve('node_modules'))
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
