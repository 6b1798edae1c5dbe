import { readFileSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect } from 'chai'

const root = resolve(__dirname, '..')

describe('The sources', () => {
  it('turn no rule of the linter and of the compiler off by a comment', () => {
    const offending = ['lib', 'spaces', 'test', 'bench', 'examples'].flatMap(sourcesIn).filter((path) => {
      const directive = /(?:\/\/|\/\*)\s*(?:(?:ox|es)lint-(?:disable|enable)|@ts-(?:ignore|nocheck))/
      return directive.test(readFileSync(join(root, path), 'utf8'))
    })
    expect(offending).to.deep.equal([])
  })
})

function sourcesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(
      (path) => /\.[cm]?[jt]s$/.test(path) && !path.includes('node_modules') && !path.startsWith('fixtures')
    )
    .map((path) => join(folder, path))
}
