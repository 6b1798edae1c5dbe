import { join, resolve } from 'node:path'
import { expect } from 'chai'
import { runNode } from './support/run-program.js'

const root = resolve(__dirname, '..')

describe('The figures', () => {
  it('are shown as they were measured', async () => {
    const { code, stderr } = await runNode(join('bench', 'show.mjs'), ['--check'], { cwd: root })
    expect(stderr).to.equal('')
    expect(code).to.equal(0)
  })
})
