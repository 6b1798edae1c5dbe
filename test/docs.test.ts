import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect } from 'chai'
import { interfaceMembers } from './support/interface-members.js'
import { codeWords } from './support/markdown.js'

const root = resolve(__dirname, '..')
const docs = join(root, 'docs')

describe('The pages in docs/', () => {
  for (const page of readdirSync(docs)) {
    const text = readFileSync(join(docs, page), 'utf8')

    it(`${page} links only to files that are there`, () => {
      for (const [, target = ''] of text.matchAll(/\]\(([^)]+)\)/g)) {
        const [path = ''] = target.split('#')
        if (path !== '' && !path.startsWith('https://')) {
          expect(existsSync(resolve(docs, path)), target).to.equal(true)
        }
      }
    })

    it(`${page} names no codes of errors that there are not`, () => {
      const codes = interfaceMembers('lib/space-pool-error.ts', 'SpacePoolErrorFields')
      const named = codeWords(text).filter((word) => codes.some((code) => alike(code, word)))
      for (const word of named) expect(codes).to.include(`ERR_SPACEPOOL_${word}`)
    })
  }
})

/** A word that begins as a code of spacepool does. */
function alike(code: string, word: string): boolean {
  return /^[A-Z]+(_[A-Z]+)+$/.test(word) && code.startsWith(`ERR_SPACEPOOL_${word.split('_', 1)[0] ?? ''}_`)
}
