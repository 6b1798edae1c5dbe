import childProcess, { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { killNow } from '../../../lib/space/end-process.js'
import { Reaper } from '../../../lib/space/reaper.js'
import { startCompanion } from '../../../lib/space/start-process.js'
import { bundle } from '../../support/bundle.js'
import { livingChildren } from '../../support/children.js'
import { FakeTime } from '../../support/fake-time.js'
import { isRunning, stillRunning } from '../../support/running.js'

/** ms in which it is started at most five times. */
const PERIOD = 60_000
const programs = join(__dirname, '../../fixtures/programs')

if (process.platform !== 'win32') {
  describe('Reaper', () => {
    for (const [means, shell] of [
      ['a shell', '/bin/sh'],
      ['Node, where there is no shell', '/no/such/shell']
    ] as const) {
      describe(`by means of ${means}`, () => {
        it('ends what it watches when it is closed, and nothing else', async () => {
          const reaper = new Reaper(shell)
          const [first, second, third] = [sleeper(), sleeper(), sleeper()]
          for (const { pid } of [first, second, third]) reaper.watch(pid)
          reaper.forget(second.pid)
          reaper.close()
          const exits = await Promise.all([exitOf(first), exitOf(third)])
          expect(exits).to.deep.equal(['SIGKILL', 'SIGKILL'])
          expect(isRunning(second.pid)).to.equal(true)
          await end(second)
        })

        it('comes back when it is killed, and knows again whom it watches', async () => {
          const reaper = new Reaper(shell)
          const [first, second, third] = [sleeper(), sleeper(), sleeper()]
          reaper.watch(first.pid)
          reaper.watch(second.pid)
          const before = await reaperProcess([first, second, third])
          process.kill(before, 'SIGKILL')
          const after = await reaperProcess([first, second, third], before)
          expect(after).to.not.equal(before)
          reaper.watch(third.pid)
          reaper.forget(second.pid)
          reaper.close()
          const exits = await Promise.all([exitOf(first), exitOf(third)])
          expect(exits).to.deep.equal(['SIGKILL', 'SIGKILL'])
          expect(isRunning(second.pid)).to.equal(true)
          await end(second)
        })

        if (process.platform !== 'linux') return
        it('ignores the signals that a terminal or a user sends', async () => {
          const reaper = new Reaper(shell)
          const watched = sleeper()
          reaper.watch(watched.pid)
          const pid = await reaperProcess([watched])
          await hasSettled(pid)
          for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(pid, signal)
          reaper.close()
          expect(await exitOf(watched)).to.equal('SIGKILL')
          expect(await stillRunning([pid], 5000)).to.deep.equal([])
        })
      })
    }

    it('ends the whole group of a process', async () => {
      const reaper = new Reaper()
      const parent = spawn('/bin/sh', ['-c', 'sleep 1000 & echo $!; wait'], { detached: true })
      const [line] = (await once(parent.stdout, 'data')) as [Buffer]
      const pids = [parent.pid ?? 0, Number(line)]
      reaper.watch(parent.pid ?? 0)
      expect(pids.every(isRunning)).to.equal(true)
      reaper.close()
      expect(await stillRunning(pids, 5000)).to.deep.equal([])
    })

    it('keeps count of hundreds of processes', async () => {
      const reaper = new Reaper()
      const sleepers = Array.from({ length: 200 }, () => sleeper())
      for (const { pid } of sleepers) reaper.watch(pid)
      const forgotten = sleepers.slice(50, 117)
      const watched = [...sleepers.slice(0, 50), ...sleepers.slice(117)]
      for (const { pid } of forgotten.toReversed()) reaper.forget(pid)
      reaper.close()
      await Promise.all(watched.map(exitOf))
      expect(forgotten.every(({ pid }) => isRunning(pid))).to.equal(true)
      await Promise.all(forgotten.map(end))
    })

    it('has no process before there is something to watch, and one for all', async () => {
      const reaper = new Reaper()
      expect(livingChildren()).to.deep.equal([])
      const [first, second] = [sleeper(), sleeper()]
      reaper.watch(first.pid)
      reaper.watch(second.pid)
      reaper.watch(second.pid)
      await reaperProcess([first, second])
      expect(livingChildren().length).to.equal(3)
      reaper.close()
      await Promise.all([exitOf(first), exitOf(second)])
    })

    it('is not started again without end, but later', async () => {
      const time = new FakeTime()
      const reaper = new Reaper('/bin/sh', time.schedule, time.clock)
      const watched = sleeper()
      reaper.watch(watched.pid)
      let pid = 0
      for (let starts = 0; starts < 5; starts++) {
        pid = await reaperProcess([watched], pid)
        process.kill(pid, 'SIGKILL')
      }
      await stillRunning([pid], 5000)
      await new Promise((resolve) => setImmediate(resolve))
      expect(livingChildren().map((child) => child.pid)).to.deep.equal([watched.pid])
      time.advance(PERIOD)
      await reaperProcess([watched], pid)
      reaper.close()
      expect(await exitOf(watched)).to.equal('SIGKILL')
    })

    for (const [title, spawnOnce] of [
      ['Node throws at', () => fail('ENOMEM')],
      ['the system refuses', () => spawn('/etc/passwd')]
    ] as const) {
      it(`is started later when ${title} its start`, async () => {
        const time = new FakeTime()
        const reaper = new Reaper('/bin/sh', time.schedule, time.clock)
        const watched = sleeper()
        const honest = childProcess.spawn
        try {
          childProcess.spawn = spawnOnce as typeof spawn
          reaper.watch(watched.pid)
        } finally {
          childProcess.spawn = honest
        }
        expect(livingChildren().map((child) => child.pid)).to.deep.equal([watched.pid])
        time.advance(1000)
        await reaperProcess([watched])
        expect(time.pending).to.equal(0)
        reaper.close()
        expect(await exitOf(watched)).to.equal('SIGKILL')
      })
    }

    it('is not started later when there is nothing to watch any more, or it was closed', async () => {
      const time = new FakeTime()
      const reaper = new Reaper('/etc/passwd', time.schedule, time.clock)
      const watched = sleeper()
      reaper.watch(watched.pid)
      reaper.forget(watched.pid)
      time.advance(1000)
      expect(time.pending).to.equal(0)
      reaper.watch(watched.pid)
      expect(time.pending).to.equal(1)
      reaper.close()
      expect(time.pending).to.equal(0)
      await end(watched)
    })
  })

  describe('When the host is gone', () => {
    const ways: [title: string, end: (host: ChildProcess) => void, exit: unknown[]][] = [
      ['because it had nothing more to do', (host) => host.stdin?.end('nothing'), [0, null]],
      ['because it called process.exit', (host) => host.stdin?.end('exit'), [3, null]],
      ['because of an uncaught exception', (host) => host.stdin?.end('throw'), [1, null]],
      ['because of SIGTERM', (host) => host.kill('SIGTERM'), [null, 'SIGTERM']],
      ['because of SIGINT', (host) => host.kill('SIGINT'), [null, 'SIGINT']],
      ['because of SIGKILL', (host) => host.kill('SIGKILL'), [null, 'SIGKILL']]
    ]
    for (const [title, end, exit] of ways) {
      it(`${title}, its spaces are gone 250 ms later, idle, busy and stopped ones`, async function () {
        const path = await bundle(join(programs, 'host.ts'))
        const host = spawn(process.execPath, [path, programs], { stdio: ['pipe', 'pipe', 'ignore'] })
        const [line] = (await once(host.stdout, 'data')) as [Buffer]
        const pids = JSON.parse(line.toString()) as number[]
        expect(pids.filter(isRunning)).to.have.lengthOf(8)
        end(host)
        expect(await once(host, 'exit')).to.deep.equal(exit)
        expect(await stillRunning(pids, 250)).to.deep.equal([])
      })
    }
  })
}

function fail(code: string): never {
  throw Object.assign(new Error(`spawn ${code}`), { code })
}

interface Sleeper {
  pid: number
  child: ChildProcess
}

/** The leader of a group, as a space is one, but started in a millisecond. */
function sleeper(): Sleeper {
  const child = startCompanion('/bin/sh', ['-c', 'read line'])
  return { child, pid: child.pid ?? 0 }
}

async function exitOf({ child }: Sleeper): Promise<string | null> {
  if (child.signalCode === null && child.exitCode === null) await once(child, 'exit')
  return child.signalCode
}

async function end(sleeping: Sleeper): Promise<void> {
  killNow(sleeping.child)
  await exitOf(sleeping)
}

/** The one child that is neither one of these nor the reaper of before. */
async function reaperProcess(sleepers: readonly Sleeper[], before = 0): Promise<number> {
  for (;;) {
    const known = [before, ...sleepers.map(({ pid }) => pid)]
    const child = livingChildren().find(({ pid }) => !known.includes(pid))
    if (child) return child.pid
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

/** Settles when the reaper ignores SIGHUP, or has a listener for it: the last of the three signals. */
async function hasSettled(pid: number): Promise<void> {
  for (;;) {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const masks = [...status.matchAll(/^Sig(?:Ign|Cgt):\s*(\w+)$/gm)]
    if (masks.some(([, mask]) => (BigInt(`0x${mask}`) & 1n) === 1n)) return
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
