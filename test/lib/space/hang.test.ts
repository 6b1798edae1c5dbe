import type { ChildProcess } from 'node:child_process'
import { expect } from 'chai'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { get } from 'node:http'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { killNow } from '../../../lib/space/end-process.js'
import { interrupt, takeStack } from '../../../lib/space/hang.js'
import { askForInspector } from '../../../lib/space/inspector-announcements.js'
import { announcedAddress } from '../../../lib/space/inspector-notices.js'
import { withInspector } from '../../../lib/space/inspector.js'
import { isStopped } from '../../../lib/space/process-state.js'
import { startProcess } from '../../../lib/space/start-process.js'
import type { Channel } from '../../../lib/wire/channel.js'
import { INSPECTOR_FLAGS } from '../../../lib/wire/inspector-flags.js'
import { removeWrittenFolders } from '../../spaces/fixtures.js'
import { Gate } from '../../support/gate.js'
import { processSettings, program } from '../../support/process-settings.js'
import { Recorder } from '../../support/recorder.js'

/** A busy machine may take long; what must be soon is measured by `node bench/hang.mjs`. */
const bounds = { timeout: 5000 }
const children = new Set<ChildProcess>()

if (process.platform !== 'win32') {
  describe('The stack of a hang', () => {
    afterEach(endAll)
    after(removeWrittenFolders)

    const spin = String.raw`at Parser\.spin \(.*hang\.cjs:12:\d+\)\n +at .*method \(.*hang\.cjs:18:\d+\)`
    const hangs: [hang: string, title: string, stack: RegExp][] = [
      ['method', 'a method', new RegExp(`^ +${spin}`)],
      [
        'catching',
        'a loop that catches everything',
        new RegExp(`^ +${spin}\n +at .*catching .*hang\\.cjs:26:`)
      ],
      [
        'script',
        'a script',
        /^ +at inScript \(evalmachine.*\n +at evalmachine.*(\n.*\(node:vm.*)+\n.*hang\.cjs:31:/
      ],
      ['expression', 'a regular expression', /^ +at RegExp\.test .*\n +at .*expression .*hang\.cjs:38:/],
      ['wait', 'Atomics.wait', /^ +at Atomics\.wait .*\n +at .*wait .*hang\.cjs:42:/],
      // Node may name the place where the function begins.
      ['microtasks', 'microtasks', /^ +at .*hang\.cjs:4[46]:/],
      ['timer', 'a timer', /^ +at Parser\.spin .*\n +at Timeout\.method .*$/],
      ['afterTimer', 'what follows a timer', /^ +at Parser\.spin .*\n +at .*method /]
    ]
    for (const [hang, title, expected] of hangs) {
      it(`names the lines of ${title}`, async () => {
        const { child } = await hanging(hang)
        expect(await stackOfHang(child)).to.match(expected)
      })
    }

    it('names the lines of an ES module', async () => {
      const { child } = await start('hang.mjs')
      const stack = await stackOfHang(child)
      expect(stack).to.match(/^ {4}at spin \(file:\/\/.*hang\.mjs:4:\d+\)\n {4}at file:\/\/.*hang\.mjs:9:1$/)
    })

    it('has 20 frames at most', async () => {
      const { child } = await hanging('deep')
      const frames = (await takeStack(child, bounds))?.split('\n')
      expect(frames).to.have.lengthOf(20)
      expect(frames?.at(-1)).to.match(/hang\.cjs:30:/)
    })

    it('is what it is, whatever a package does to stacks', async () => {
      const { child } = await hanging('ownStacks')
      expect(await takeStack(child, bounds)).to.match(/Parser\.spin .*\n.*method .*\n.*ownStacks/)
    })

    it('can be taken again and again, by several at a time, and of several processes', async () => {
      const spaces = await Promise.all(['method', 'catching'].map((hang) => hanging(hang)))
      for (let round = 0; round < 3; round++) {
        const looks = [...spaces, ...spaces].map(({ child }) => takeStack(child, bounds))
        const stacks = await Promise.all(looks)
        for (const [place, stack] of stacks.entries()) {
          expect(stack).to.include('Parser.spin')
          expect(stack?.includes('catching')).to.equal(place % 2 === 1)
        }
      }
    })

    it('leaves nothing open, though the process still hangs', async () => {
      const { child } = await hanging('method')
      const closed = takeStack(child, bounds).then(() =>
        withInspector(child, bounds, () => Promise.resolve(1))
      )
      expect(await closed).to.equal(1)
      expect(child.stderr?.listenerCount('data')).to.equal(1)
    })

    it('is undefined when the event loop is free', async () => {
      const { child, answer } = await hanging('nothing')
      expect(await stackOfHang(child)).to.equal(undefined)
      while ((await answer()) !== 'closed');
    })

    it('leaves nothing open when the hang ends by itself, though Node opens it once more then', async () => {
      const gate = new Gate()
      const { child, answer } = await start('hang.cjs', 'forAWhile', INSPECTOR_FLAGS, gate)
      let said = ''
      child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()))
      expect(await takeStack(child, bounds)).to.include('forAWhile')
      // Its answer is told before the inspector is closed, and Node would not open what is open.
      while (await isListening(announcedAddress(said)?.port ?? 0));
      gate.open()
      while (said.split('Debugger listening').length < 3) await once(child.stderr as Readable, 'data')
      while ((await answer()) !== 'closed');
    })

    it('is undefined for a process in native code, whose inspector is closed when it goes on', async () => {
      const { child, channel, answer } = await hanging('native')
      expect(await takeStack(child, { timeout: 50 })).to.equal(undefined)
      channel.write(Buffer.from('\n'))
      while ((await answer()) !== 'closed');
    })

    it('is undefined for a stopped process, whose inspector is closed when it goes on', async () => {
      const { child, answer } = await hanging('nothing')
      child.kill('SIGSTOP')
      expect(await takeStack(child, { timeout: 50 })).to.equal(undefined)
      expect(await takeStack(child, { timeout: 50 })).to.equal(undefined)
      child.kill('SIGCONT')
      while ((await answer()) !== 'closed');
      expect(await takeStack(child, bounds)).to.equal(undefined)
    })

    if (process.platform === 'linux') {
      it('is undefined at once for a stopped process, which does not hear of it', async () => {
        const { child } = await hanging('nothing')
        child.kill('SIGSTOP')
        while (!isStopped(child.pid));
        expect(await takeStack(child, { timeout: 60_000 })).to.equal(undefined)
        expect(readFileSync(`/proc/${child.pid}/status`, 'latin1')).to.match(/^ShdPnd:\s*0+$/m)
      })
    }

    it('is undefined for a package that hears the signal itself', async () => {
      const { child, recorder } = await hanging('listener')
      expect(await takeStack(child, { timeout: 50 })).to.equal(undefined)
      await recorder.has('hangsheard'.length)
    })

    it('is undefined as soon as the process has ended', async () => {
      const { child } = await hanging('native')
      const stack = takeStack(child, { timeout: 60_000 })
      killNow(child)
      expect(await stack).to.equal(undefined)
      expect(await takeStack(child, { timeout: 60_000 })).to.equal(undefined)
    })

    it('is undefined at once for a process that was not started for it', async () => {
      const { child, answer } = await start('hang.cjs', 'nothing', [])
      expect(await takeStack(child, { timeout: 60_000 })).to.equal(undefined)
      expect(await answer()).to.equal('closed')
    })
  })

  describe('An interrupt', () => {
    afterEach(endAll)

    for (const hang of ['method', 'catching', 'script', 'expression', 'wait', 'microtasks', 'afterTimer']) {
      it(`frees a process that hangs in ${hang}`, async () => {
        const { child, answer } = await hanging(hang)
        const stacks: unknown[] = []
        expect(await interrupt(child, bounds, (stack) => stacks.push(stack) > 0)).to.equal(true)
        expect(stacks).to.have.length(1)
        expect(stacks[0]).to.be.a('string')
        while ((await answer()) !== 'closed');
      })
    }

    for (const hang of ['timer', 'immediate']) {
      it(`leaves a process alone that would not survive it: ${hang}`, async () => {
        const { child } = await hanging(hang)
        expect(await interrupt(child, bounds, () => true)).to.equal(false)
        expect(await takeStack(child, bounds)).to.include('Parser.spin')
      })
    }

    it('does nothing to a process whose event loop is free', async () => {
      const { child, answer } = await hanging('nothing')
      expect(await stackOfHang(child)).to.equal(undefined)
      expect(await interrupt(child, bounds, () => true)).to.equal(false)
      while ((await answer()) !== 'closed');
    })

    it('is not done when whoever asked for it does not want it any more', async () => {
      const { child } = await hanging('method')
      expect(await interrupt(child, bounds, () => false)).to.equal(false)
      expect(await takeStack(child, bounds)).to.include('Parser.spin')
    })

    it('is not begun where it cannot be', async () => {
      const { child } = await hanging('timer')
      let begun = false
      await interrupt(child, bounds, () => (begun = true))
      expect(begun).to.equal(false)
    })

    it('waits until a stack has been taken', async () => {
      const { child } = await hanging('method')
      const [stack, done] = await Promise.all([
        takeStack(child, bounds),
        interrupt(child, bounds, () => true)
      ])
      expect([stack?.includes('Parser.spin'), done]).to.deep.equal([true, true])
    })

    it('is given up in time', async () => {
      const { child } = await hanging('native')
      expect(await interrupt(child, { timeout: 50 }, () => true)).to.equal(false)
    })
  })

  describe('The inspector of a space', () => {
    afterEach(endAll)

    it('tells nobody else how to reach it', async () => {
      const { child } = await hanging('method')
      let said = ''
      child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()))
      const statuses = await withInspector(child, bounds, async () => {
        const { port = 0, path = '' } = announcedAddress(said) ?? {}
        expect(path).to.match(/^\/[\da-f-]{36}$/)
        return Promise.all(['/json', '/json/list', '/json/version', path].map((name) => statusOf(port, name)))
      })
      expect(statuses).to.deep.equal([404, 404, 404, 404])
    })

    it('is let go of when the process ends during the look, whoever played it', async () => {
      const { child } = await hanging('method')
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      const connected = once(server, 'connection') as Promise<[Socket]>
      const look = withInspector(child, bounds, async () => {
        killNow(child)
        await once(child, 'exit')
        return 'looked'
      })
      const path = '01234567-89ab-cdef-0123-456789abcdef'
      const forge = (): boolean | undefined =>
        child.stderr?.emit('data', Buffer.from(`Debugger listening on ws://127.0.0.1:${port}/${path}\n`))
      setImmediate(forge)
      const [socket] = await connected
      socket.resume()
      expect(await look).to.equal('looked')
      await once(socket, 'close')
      server.close()
    })

    it('is not opened in a process that the signal would end', async function () {
      const { child } = await startProcess(processSettings({ execPath: '/bin/sh' }), program('wait.sh'))
      children.add(child)
      if (process.platform !== 'linux') return
      expect(() => askForInspector(child)).to.throw('it has no inspector')
      expect(readFileSync(`/proc/${child.pid}/status`, 'latin1')).to.match(/^SigPnd:\s*0+$/m)
      expect(child.exitCode ?? child.signalCode).to.equal(null)
    })
  })
}

async function endAll(): Promise<void> {
  const living = [...children].filter((child) => child.exitCode === null && child.signalCode === null)
  children.clear()
  const exits = living.map((child) => once(child, 'exit'))
  for (const child of living) killNow(child)
  await Promise.all(exits)
}

interface Hanging {
  child: ChildProcess
  channel: Channel
  /** What came on it. */
  recorder: Recorder
  /** What comes next when it is asked. */
  answer(): Promise<string>
}

function hanging(hang: string): Promise<Hanging> {
  return start('hang.cjs', hang)
}

async function start(name: string, hang = '', execArgv = INSPECTOR_FLAGS, until?: Gate): Promise<Hanging> {
  const settings = processSettings({ execArgv: [...execArgv] })
  settings.env.HANG = hang
  if (until !== undefined) settings.env.HANG_UNTIL = until.file
  const { child, channel } = await startProcess(settings, program(name))
  children.add(child)
  const recorder = new Recorder()
  channel.read(recorder)
  channel.write(Buffer.from('go'))
  await recorder.has('hangs'.length)
  const answer = async (): Promise<string> => {
    const before = recorder.length
    channel.write(Buffer.from('?'))
    await recorder.has(before + 1)
    return recorder.bytes.subarray(before).toString()
  }
  return { child, channel, recorder, answer }
}

/** What it says that it hangs with may have come while it is still about to: the stack of what is behind that. */
async function stackOfHang(child: ChildProcess): Promise<string | undefined> {
  for (;;) {
    const stack = await takeStack(child, bounds)
    if (stack === undefined || !/ at (Object\.)?tell /.test(stack)) return stack
  }
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}

async function statusOf(port: number, path: string): Promise<number | undefined> {
  const [response] = (await once(get({ host: '127.0.0.1', port, path, agent: false }), 'response')) as [
    { statusCode?: number; resume(): void }
  ]
  response.resume()
  return response.statusCode
}
