import { expect } from 'chai'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { runProgram } from './support/run-program.js'

/** The matrix takes about 30 s; a busy machine gets as long as it needs. */
const PATIENCE = 300_000

describe('The fault matrix', () => {
  it('passes in its short form', async function () {
    this.timeout(PATIENCE)
    const program = resolve(__dirname, '../bench/faults/run.mjs')
    const child = spawn(process.execPath, [program, '--short'], { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text))
    }
    const [code] = (await once(child, 'close')) as [number | null]
    const failures = output.split('\n').filter((line) => line.startsWith('FAILED: '))
    expect(failures).to.deep.equal([])
    expect(code, output.slice(-2000)).to.equal(0)
  })

  it('is in the README as it was found with the peers', async () => {
    const program = resolve(__dirname, '../bench/faults/show.mjs')
    const { code } = await runProgram(process.execPath, [program, '--check'], { cwd: __dirname })
    expect(code, 'node bench/faults/show.mjs writes what was found').to.equal(0)
  })
})
