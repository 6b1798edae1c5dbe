import { expect } from 'chai'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { killNow } from '../../../lib/space/end-process.js'
import { spaceEntry } from '../../../lib/space/entry.js'
import { StartFailure } from '../../../lib/space/start-failure.js'
import { startProcess, startProcessNow, type StartedProcess } from '../../../lib/space/start-process.js'
import type { ProcessSettings } from '../../../lib/settings.js'
import { bundle } from '../../support/bundle.js'
import { program, processSettings } from '../../support/process-settings.js'
import { Recorder } from '../../support/recorder.js'
import { stillRunning } from '../../support/running.js'

type Start = (settings: ProcessSettings, entry?: string) => StartedProcess | Promise<StartedProcess>

const linux = process.platform === 'linux'
const programs = join(__dirname, '../../fixtures/programs')

/** A folder for temporary files of our own shows what stays in it. */
let temporary: string
const usual = process.env.TMPDIR

beforeEach(() => {
  temporary = mkdtempSync(join(usual ?? '/tmp', 'spacepool-test-'))
  process.env.TMPDIR = temporary
})

afterEach(() => {
  if (usual === undefined) delete process.env.TMPDIR
  else process.env.TMPDIR = usual
  rmSync(temporary, { recursive: true })
})

for (const [title, start] of [
  ['startProcess', startProcess],
  ['startProcessNow', startProcessNow]
] as [string, Start][]) {
  describe(title, () => {
    it('gives a process and a channel to it, and leaves no file behind', async () => {
      const { child, channel } = await start(processSettings(), program('echo.cjs'))
      expect(child.pid).to.be.a('number')
      expect(readdirSync(temporary)).to.deep.equal([])
      const recorder = new Recorder()
      channel.read(recorder)
      channel.write(Buffer.from('hello'))
      await recorder.has(5)
      expect(recorder.bytes.toString()).to.equal('hello')
      channel.close()
      expect(await once(child, 'exit')).to.deep.equal([0, null])
    })

    if (linux) {
      it('passes on exactly what the settings say', async () => {
        const env = Object.assign(Object.create(null) as Record<string, string>, { COLOUR: 'blue' })
        const settings = processSettings({ env, execArgv: ['--no-warnings'], cwd: temporary })
        const report = await reportOf(await start(settings, program('report.cjs')))
        expect(report).to.deep.equal({
          ...{ argv: [program('report.cjs')], cwd: temporary, env: { COLOUR: 'blue' } },
          ...{ execArgv: ['--no-warnings'], connected: false, descriptors: [0, 1, 2, 3, 4] }
        })
      })
    }

    it("adds Node's own channel when handles are wanted", async () => {
      const started = await start(processSettings({ handles: true }), program('report.cjs'))
      expect(started.child.connected).to.equal(true)
      expect((await reportOf(started)).connected).to.equal(true)
    })

    if (process.platform !== 'win32') {
      it('gives the process a group of its own', async () => {
        const { child, channel } = await start(processSettings(), program('echo.cjs'))
        const group = execFileSync('ps', ['-o', 'pgid=', '-p', String(child.pid)], { encoding: 'utf8' })
        expect(Number(group)).to.equal(child.pid)
        channel.close()
        await once(child, 'exit')
      })

      it('ends what is left of that group when the process exits', async () => {
        const started = await start(processSettings(), program('grandparent.cjs'))
        const recorder = new Recorder()
        started.channel.read(recorder)
        await recorder.has(1)
        const grandchild = Number(recorder.bytes.toString())
        process.kill(started.child.pid ?? 0, 'SIGKILL')
        await once(started.child, 'exit')
        expect(await stillRunning([grandchild], 1000)).to.deep.equal([])
      })
    }

    it('captures the output only when it is told to', async () => {
      for (const stdio of ['captured', 'ignore'] as const) {
        const { child } = await start(processSettings({ stdio }), program('echo.cjs'))
        expect([child.stdin, child.stdout === null, child.stderr === null]).to.deep.equal([
          null,
          ...(stdio === 'captured' ? [false, false] : [true, true])
        ])
        killNow(child)
        await once(child, 'exit')
      }
    })

    const folder = join(__dirname, 'no-such-folder')
    const file = program('print.cjs')
    const failures: [title: string, changes: Partial<ProcessSettings>, code: string, named: string][] = [
      ['a program that does not exist', { execPath: '/no/such/node' }, 'ENOENT', '"/no/such/node"'],
      ['a program that cannot be run', { execPath: file }, 'EACCES', `"${file}"`],
      ['a program that is nowhere in the path', { execPath: 'no-such-node' }, 'ENOENT', '"no-such-node"'],
      ['a folder that does not exist', { cwd: folder }, 'ENOENT', `"${folder}"`],
      ['a folder that is a file', { cwd: file }, 'ENOTDIR', `"${file}"`]
    ]
    for (const [what, changes, code, named] of failures) {
      it(`fails for ${what}, and leaves nothing behind`, async () => {
        for (const handles of [false, true]) {
          const descriptors = openDescriptors()
          const failure = await failureOf(() => start(processSettings({ ...changes, handles }), 'x'))
          expect(failure).to.be.instanceOf(StartFailure)
          // Node tells the reason in an event, which a synchronous start cannot wait for; files can be looked at.
          if (title === 'startProcessNow' && what.includes('path')) expect(failure.code).to.equal('EAGAIN')
          else expect([failure.code, failure.message.includes(named)]).to.deep.equal([code, true])
          await turns(3)
          expect(openDescriptors()).to.equal(descriptors)
          expect(readdirSync(temporary)).to.deep.equal([])
        }
      })
    }

    if (linux) {
      it('leaves no descriptor open over 200 starts and ends', async () => {
        const settings = processSettings({ execPath: '/bin/sh' })
        const cycle = async (): Promise<void> => {
          const { child, channel } = await start(settings, program('wait.sh'))
          const recorder = new Recorder()
          channel.read(recorder)
          killNow(child)
          await Promise.all([once(child, 'close'), recorder.end()])
        }
        await cycle()
        const descriptors = openDescriptors()
        const resources = process.getActiveResourcesInfo().length
        for (let count = 0; count < 200; count++) await cycle()
        expect(openDescriptors()).to.equal(descriptors)
        expect(process.getActiveResourcesInfo().length).to.be.at.most(resources)
        expect(readdirSync(temporary)).to.deep.equal([])
      })

      it('fails with a clear reason where no descriptor is left, and works where there are some again', async () => {
        const command = `ulimit -n 60; exec "$0" "$1" "${programs}" ${title}`
        const program = await bundle(join(programs, 'exhaust.ts'))
        const printed = execFileSync('/bin/sh', ['-c', command, process.execPath, program], {
          encoding: 'utf8',
          timeout: 30_000
        })
        const { failures, again, gained } = JSON.parse(printed) as Exhausted
        expect([again, gained]).to.deep.equal(['ok', 0])
        expect(failures).to.have.lengthOf.above(2)
        for (const failure of failures) {
          expect(failure).to.deep.equal({ code: 'EMFILE', tried: 'too many files are open' })
        }
      })
    }
  })
}

/** What exhaust.ts prints. */
interface Exhausted {
  failures: object[]
  again: string
  /** Descriptors that are open for ever. */
  gained: number
}

describe('startProcess', () => {
  it('does without a socket pair where the folder for temporary files cannot hold one', async () => {
    for (const place of [join(temporary, 'nowhere'), join(temporary, 'x'.repeat(120))]) {
      process.env.TMPDIR = place
      const { child, channel } = await startProcess(processSettings(), program('echo.cjs'))
      expect(child.stdio[3]).to.not.equal(null)
      channel.close()
      expect(await once(child, 'exit')).to.deep.equal([0, null])
    }
  })

  it('starts many at once', async () => {
    const started = await Promise.all(
      Array.from({ length: 10 }, () => startProcess(processSettings(), program('echo.cjs')))
    )
    for (const [index, { child, channel }] of started.entries()) {
      const recorder = new Recorder()
      channel.read(recorder)
      channel.write(Buffer.from(`number ${index}`))
      await recorder.has(8)
      expect(recorder.bytes.toString()).to.equal(`number ${index}`)
      channel.close()
      await once(child, 'exit')
    }
  })
})

describe('The path of the program in a space', () => {
  it('is that of the built file', () => {
    expect(spaceEntry).to.equal(join(__dirname, '../../../dist/spaces/main.cjs'))
  })
})

async function reportOf({ child, channel }: StartedProcess): Promise<Record<string, unknown>> {
  const recorder = new Recorder()
  channel.read(recorder)
  await Promise.all([recorder.end(), once(child, 'exit')])
  return JSON.parse(recorder.bytes.toString()) as Record<string, unknown>
}

async function failureOf(start: () => StartedProcess | Promise<StartedProcess>): Promise<StartFailure> {
  try {
    const { child } = await start()
    killNow(child)
  } catch (error) {
    return error as StartFailure
  }
  throw new Error('It has been started')
}

function openDescriptors(): number {
  return linux ? readdirSync('/proc/self/fd').length : 0
}

async function turns(count: number): Promise<void> {
  while (count-- > 0) await new Promise((resolve) => setImmediate(resolve))
}
