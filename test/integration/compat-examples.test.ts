import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { expect } from 'chai'
import { runNode } from '../support/run-program.js'

const folder = resolve(__dirname, '../fixtures/older-readme')
const paths = /paths: \[\n?(?:\s+'[^']+',?\n?)+\s*\]/

// Each example of the older README, as written but for the line that requires it, as a program of its own. Where the
// README leaves out what comes before, such as the add before a call, the program has it from the examples above.

describe("The older README's example", () => {
  it('of add prints the request, the status and the response', async () => {
    const output = await outputOf('add.cjs', /response: .*\n/)
    expect(output).to.match(
      /^request: \{\s+id: \d+,\s+package: 'path',\s+parameters: \[\],\s+type: 'add',\s+paths: \[/
    )
    expect(output).to.match(paths)
    expect(output).to.match(/\}\nstatus: {2}true\nresponse: Package is added to space\n$/)
  })

  it('of call prints the request, the status and the response', async () => {
    const output = await outputOf('call.cjs', /response: \/.*\n/)
    const answer = output
      .slice(output.indexOf('response: Package is added to space\n'))
      .split('\n')
      .slice(1)
      .join('\n')
    expect(answer).to.match(
      /^request: \{\s+id: \d+,\s+package: 'path',\s+parameters: \[ '[^']+' \],\s+type: 'call',/
    )
    expect(answer).to.match(/function: 'dirname',\s+promise: false\s+\}\n/)
    expect(answer.endsWith(`}\nstatus:  true\nresponse: ${resolve(folder, '..')}\n`)).to.equal(true)
  })

  it('of parameters with a callback is answered with an array', async () => {
    const output = await outputOf('callback.cjs', /\]\n/)
    expect(output).to.equal("status:  true\nresponse: [ null, 'parameter1 in parameter2' ]\n")
  })

  it('of parameters with several callbacks is answered for each of them', async () => {
    const output = await outputOf('callbacks.cjs', /\[ 1 \]\n/)
    expect(output).to.equal(
      "status:  true\nresponse: [ 'test_parameter_1', 'test_parameter_2', 'test_parameter_3', 4 ]\n" +
        'status:  true\nresponse: [ 1 ]\n'
    )
  })

  it('of destroy prints a killed ChildProcess, and the program ends by itself', async () => {
    const { code, stdout, stderr } = await runNode('destroy.cjs', [], { cwd: folder, bound: 50_000 })
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' })
    expect(stdout).to.match(/^<?(ref \*\d> )?ChildProcess \{/)
    for (const line of childProcess(true)) expect(stdout).to.match(line)
  })

  it('of build prints a living ChildProcess', async () => {
    const output = await outputOf('build.cjs', /\n\}\n$/)
    for (const line of childProcess(false)) expect(output).to.match(line)
  })

  it('of isKilled prints false', async () => {
    expect(await outputOf('is-killed.cjs', /\n/)).to.equal('false\n')
  })

  // Later versions of Node print further members, and symbols without brackets.
  it('of resetInactivity prints a Timeout', async () => {
    const output = await outputOf('reset-inactivity.cjs', /\n\}\n$/)
    expect(output).to.match(/^Timeout \{\n/)
    for (const line of [
      / _idleTimeout: 3600000,\n/,
      / _idlePrev: \[TimersList\],\n/,
      / _idleNext: \[TimersList\],\n/,
      / _idleStart: \d+,\n/,
      / _onTimeout: \[Function.*\],\n/,
      / _timerArgs: undefined,\n/,
      / _repeat: null,\n/,
      / _destroyed: false,\n/,
      / \[?Symbol\(refed\)\]?: true,\n/,
      / \[?Symbol\(asyncId\)\]?: \d+,\n/,
      / \[?Symbol\(triggerId\)\]?: \d+,?\n/
    ]) {
      expect(output).to.match(line)
    }
  })
})

function childProcess(killed: boolean): RegExp[] {
  return [
    / connected: true,\n/,
    / signalCode: null,\n/,
    / exitCode: null,\n/,
    new RegExp(` killed: ${killed},\\n`),
    / spawnfile: '.*',\n/,
    / spawnargs: \[/,
    / pid: \d+,\n/,
    / stdin: null,\n/,
    / stdout: null,\n/,
    / stderr: null,\n/,
    / send: \[Function/,
    / disconnect: \[Function/
  ]
}

/** What a program, which lives as long as its space, has printed when it matches; then the program is ended. */
async function outputOf(name: string, complete: RegExp): Promise<string> {
  const program = spawn(process.execPath, [join(folder, name)], { stdio: ['ignore', 'pipe', 'pipe'] })
  const timer = setTimeout(() => program.kill('SIGKILL'), 50_000)
  let [output, errors] = ['', '']
  program.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  program.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
    if (complete.test(output)) program.kill('SIGTERM')
  })
  // The space has the same output, so that this comes when it has ended as well.
  const [code, signal] = (await once(program, 'close')) as [number | null, string | null]
  clearTimeout(timer)
  expect({ code, signal, errors }).to.deep.equal({ code: null, signal: 'SIGTERM', errors: '' })
  return output
}
