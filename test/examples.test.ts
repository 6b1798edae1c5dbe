import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect } from 'chai'
import { runNode } from './support/run-program.js'

const root = resolve(__dirname, '..')
const folder = join(root, 'examples')
const examples = existsSync(folder) ? readdirSync(folder).filter((name) => /\.[cm]?js$/.test(name)) : []

describe('The examples', () => {
  it('include the quick start', () => {
    expect(examples).to.include('quick-start.mjs')
  })

  for (const name of examples) {
    it(`run to their end without a complaint: ${name}`, async () => {
      const result = await runNode(join('examples', name), [], { cwd: root, bound: 50_000 })
      expect(result.stderr).to.equal('')
      expect(result).to.include({ code: 0, signal: null })
      expect(result.stdout).to.not.equal('')
    })
  }
})
