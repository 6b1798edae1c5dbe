import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect } from 'chai'
import { codeWords } from './support/markdown.js'

const root = resolve(__dirname, '..')
const page = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8')

describe('The page on the architecture', () => {
  it('names every room', () => {
    const rooms = readdirSync(join(root, 'lib'), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory()
    )
    expect(codeWords(page)).to.include.members([...rooms.map(({ name }) => `lib/${name}/`), 'spaces/'])
  })

  it('names files that are there', () => {
    const paths = codeWords(page).filter((word) => /^(lib|spaces|test)\//.test(word))
    expect(paths).to.not.be.empty
    for (const path of paths) expect(existsSync(join(root, path)), path).to.equal(true)
  })
})
