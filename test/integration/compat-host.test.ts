import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { expect } from 'chai'
import { packages } from '../spaces/fixtures.js'
import { runProgram } from '../support/run-program.js'
import { stillRunning } from '../support/running.js'

const root = resolve(__dirname, '../..')
const begin = `
  process.env.SEEN = 'in the space'
  const space = require('spacepool/compat')({ paths: [${JSON.stringify(packages)}], inactivityTimeout: TIMEOUT })
  const add = (name) => new Promise((settle) => space.add(name, [], (req, status, res) => settle(res)))
  const call = (name, path, ...parameters) =>
    new Promise((settle) => space.call(name, path, parameters, false, (req, status, res) => settle(res)))
`

describe('A program with the older API', () => {
  it('lives as long as its space, though it does nothing, and ends after the inactivity timeout', async () => {
    const result = await run(
      `process.on('exit', () => console.log(Math.round(performance.now()) >= 400))`,
      400
    )
    expect(result).to.deep.equal({ code: 0, signal: null, stdout: 'true\n', stderr: '' })
  })

  it('ends after destroy()', async () => {
    const result = await run(`add('path').then((said) => { console.log(said); space.destroy() })`)
    expect(result).to.deep.equal({ code: 0, signal: null, stdout: 'Package is added to space\n', stderr: '' })
  })

  it('lives on after a crash of its space', async () => {
    const result = await run(`
      add('exits').then(async () => {
        const { pid } = space.build().once('exit', async () => {
          console.log(await call('exits', 'pid') !== pid)
          space.destroy()
        })
        call('exits', 'exitLater', 1)
      })`)
    expect(result).to.deep.equal({ code: 0, signal: null, stdout: 'true\n', stderr: '' })
  })

  it('ends with its space when it throws', async () => {
    const result = await run(`add('path').then(() => { throw new Error('on purpose') })`)
    expect(result).to.include({ code: 1, signal: null, stdout: '' })
    expect(result.stderr).to.match(/Error: on purpose/)
  })

  it('shows what packages print, and packages see its environment', async () => {
    const result = await run(`
      Promise.all([add('prints'), add('environment')]).then(async () => {
        await call('prints', 'out', 'to stdout')
        await call('prints', 'error', 'to stderr')
        await call('prints', 'out', await call('environment', 'variable', 'SEEN'))
        space.destroy()
      })`)
    const stdout = 'to stdout\nin the space\n'
    expect(result).to.deep.equal({ code: 0, signal: null, stdout, stderr: 'to stderr\n' })
  })

  if (process.platform !== 'win32') {
    for (const [title, prepare] of [
      ['is idle', `console.log(pid)`],
      // The space prints the number, then it spins.
      ['is in an infinite loop', `call('prints', 'out', pid); call('blocks', 'spinForever')`],
      ['is stopped', `process.kill(pid, 'SIGSTOP'); console.log(pid)`]
    ] as const) {
      it(`that is killed leaves no space for longer than 250 ms, though it ${title}`, async () => {
        const code = `${begin.replace('TIMEOUT', '60000')}
          const { pid } = space.build()
          Promise.all([add('blocks'), add('prints')]).then(() => { ${prepare} })`
        const program = spawn(process.execPath, ['-e', code], {
          cwd: root,
          stdio: ['ignore', 'pipe', 'inherit']
        })
        const [output] = (await once(program.stdout, 'data')) as [Buffer]
        program.kill('SIGKILL')
        await once(program, 'exit')
        expect(await stillRunning([Number(output.toString())], 250)).to.deep.equal([])
      })
    }
  }
})

function run(code: string, timeout = 60_000): ReturnType<typeof runProgram> {
  const program = `${begin.replace('TIMEOUT', String(timeout))} ${code}`
  return runProgram(process.execPath, ['-e', program], { cwd: root, bound: 50_000 })
}
