import { join } from 'node:path'
import { expect } from 'chai'
import type { SpaceCrashCause } from '../../lib/errors.js'
import { isSpacePoolError } from '../../lib/errors.js'
import { removeWrittenFolders, writtenFolder } from '../spaces/fixtures.js'
import { killChild } from '../support/children.js'
import { destroyPools, newPool } from '../support/pools.js'
import { errorOf, rejectionOf } from '../support/rejections.js'
import { isRunning } from '../support/running.js'
import { nextEvent, until } from '../support/waiting.js'

/** A set that comes back at once, however often it crashes. */
const restart = { intensity: Infinity, minBackoff: 0, maxBackoff: 0 }

describe('A crash', () => {
  afterEach(destroyPools)

  const exits: [title: string, path: string, parameters: unknown[], expected: Expected][] = [
    ['an exit with code 0', 'exit0', [], { cause: 'exit', exitCode: 0 }],
    ['an exit with another code', 'exitWith', [7], { cause: 'exit', exitCode: 7 }],
    ['process.abort()', 'abort', [], { cause: 'signal', signal: 'SIGABRT' }],
    ['SIGKILL', 'kill', ['SIGKILL'], { cause: 'signal', signal: 'SIGKILL' }],
    ['SIGSEGV', 'kill', ['SIGSEGV'], { cause: 'signal', signal: 'SIGSEGV' }],
    ['SIGTERM from elsewhere', 'kill', ['SIGTERM'], { cause: 'signal', signal: 'SIGTERM' }]
  ]
  for (const [title, path, parameters, expected] of exits) {
    it(`fails the call in flight when it is ${title}, and the next call is served`, async () => {
      const pool = newPool({ restart })
      const set = await pool.add(['exits', 'plain-functions'])
      const pid = await set.call<number>('exits', 'pid')
      const error = await errorOf('ERR_SPACEPOOL_SPACE_CRASHED', set.call('exits', path, parameters))
      expect(error).to.include({ exitCode: null, signal: null, ...expected })
      expect(error).to.include({ phase: 'written', generation: 1, key: set.key, pid })
      expect(error.packages).to.deep.equal(['exits', 'plain-functions'])
      expect(await set.call('plain-functions', 'add', [1, 2])).to.equal(3)
      expect(set.stats()).to.include({ generation: 2, restarts: 1 })
    })
  }

  const later: [title: string, path: string, said: RegExp, expected: Expected][] = [
    ['an uncaught exception', 'uncaught', /Error: nobody catches this/, { cause: 'exit', exitCode: 1 }],
    ['an unhandled rejection', 'unhandledRejection', /nobody handles this/, { cause: 'exit', exitCode: 1 }]
  ]
  for (const [title, path, said, expected] of later) {
    it(`of an idle space by ${title} is an event with what it said on stderr, and fails no call`, async () => {
      const pool = newPool({ restart })
      const set = await pool.add('exits')
      const exit = nextEvent(pool, 'spaceExit')
      expect(await set.call('exits', path)).to.equal('soon')
      const event = await exit
      expect(event).to.include({ reason: 'crash', signal: null, key: set.key, generation: 1, ...expected })
      expect(event.stderr).to.match(said)
      expect(await set.call('exits', 'pid'))
        .to.be.a('number')
        .and.not.equal(event.pid)
    })
  }

  it('of a space in which a package has broken what the language is built on says so', async () => {
    const pool = newPool({ restart })
    const set = await pool.add('exits')
    await set.call('exits', 'breakArrays').catch(() => undefined)
    const error = await errorOf('ERR_SPACEPOOL_SPACE_CRASHED', set.call('exits', 'pid', [{}, []]))
    expect(error).to.include({ cause: 'exit', exitCode: 1 })
    expect(error.stderr).to.include('TypeError: arrays are broken')
  })

  it('of an idle space that exits later, or is killed from outside, is an event and fails no call', async () => {
    const pool = newPool({ restart })
    const set = await pool.add('exits')
    const first = nextEvent(pool, 'spaceExit')
    expect(await set.call('exits', 'exitLater', [5, 0])).to.equal('soon')
    expect(await first).to.include({ reason: 'crash', cause: 'exit', exitCode: 0, signal: null })
    const pid = await set.call<number>('exits', 'pid')
    const second = nextEvent(pool, 'spaceExit')
    process.kill(pid, 'SIGKILL')
    expect(await second).to.include({
      reason: 'crash',
      cause: 'signal',
      exitCode: null,
      signal: 'SIGKILL',
      pid
    })
    expect(set.stats().errors).to.equal(0)
  })

  it('by a full heap is told as such', async () => {
    const pool = newPool({ restart, execArgv: ['--max-old-space-size=24'] })
    const set = await pool.add('memory')
    const error = await errorOf('ERR_SPACEPOOL_SPACE_CRASHED', set.call('memory', 'growHeap', [1e8]))
    expect(error).to.include({ cause: 'out-of-memory', signal: 'SIGABRT' })
    expect(error.stderr).to.match(/heap/i)
  })

  it('carries the last 8 KiB of stderr, the newest line at its end', async () => {
    const pool = newPool({ restart })
    const set = await pool.add(['prints', 'exits'])
    await set.call('prints', 'errorRaw', ['x'.repeat(20_000)])
    const crash = set.call('exits', 'exitAfterLine', ['the last words', 3])
    const error = await errorOf('ERR_SPACEPOOL_SPACE_CRASHED', crash)
    expect(error.stderr).to.match(/x{100}the last words\n$/)
    expect(Buffer.byteLength(error.stderr)).to.be.at.most(8192)
  })

  it('fails every call in flight, each once, and the calls that were queued move to the rebuilt space', async () => {
    const pool = newPool({ restart, concurrency: 4 })
    const set = await pool.add(['plain-functions', 'exits'])
    const settled: string[] = []
    const call = (index: number): Promise<void> =>
      set.call('plain-functions', 'sleep', [50, index]).then(
        (value) => void settled.push(`${index} gives ${String(value)}`),
        (error: unknown) => {
          const phase = isSpacePoolError(error, 'ERR_SPACEPOOL_SPACE_CRASHED') ? error.phase : String(error)
          settled.push(`${index} fails, ${phase}`)
        }
      )
    const calls = [...Array(12).keys()].map((index) => call(index))
    expect(set.stats()).to.include({ inFlight: 4, queued: 8 })
    process.kill(pool.stats().spaces[0]?.pid ?? 0, 'SIGKILL')
    await Promise.all(calls)
    const expected = [...Array(12).keys()].map((index) =>
      index < 4 ? `${index} fails, written` : `${index} gives ${index}`
    )
    expect(settled.sort()).to.deep.equal(expected.sort())
    expect(set.stats()).to.include({
      calls: 12,
      errors: 4,
      generation: 2,
      restarts: 1,
      inFlight: 0,
      queued: 0
    })
  })

  it('brings back all packages, with the parameters they were added with, before any call runs', async () => {
    const pool = newPool({ restart, concurrency: 1 })
    const parameters = [40, { onChange: () => undefined }]
    const set = await pool.add(['exits', { name: 'class-with-state', as: 'account', parameters }])
    parameters[0] = 1000
    await set.add({ name: 'class-with-state', as: 'later', parameters: [7] })
    expect(await set.call('account', 'increment', [2])).to.equal(42)
    const crash = errorOf('ERR_SPACEPOOL_SPACE_CRASHED', set.call('exits', 'exit1'))
    const values = ['account', 'later'].flatMap((name) => [1, 2, 3].map(() => set.call(name, 'value')))
    expect(await Promise.all(values)).to.deep.equal([40, 40, 40, 7, 7, 7])
    await crash
    expect(set.packages).to.deep.equal(['exits', 'account', 'later'])
    expect(set.stats().generation).to.equal(2)
  })

  it('of one set does not touch the calls of another', async () => {
    const pool = newPool({ restart })
    const [healthy, crashing] = await Promise.all([pool.add('plain-functions'), pool.add('exits')])
    const calls = [...Array(20).keys()].map((index) => healthy.call('plain-functions', 'sleep', [30, index]))
    await errorOf('ERR_SPACEPOOL_SPACE_CRASHED', crashing.call('exits', 'abort'))
    expect(await Promise.all(calls)).to.deep.equal([...Array(20).keys()].map((index) => index))
    expect(healthy.stats()).to.include({ generation: 1, restarts: 0, errors: 0 })
  })

  it('tells exit, then restart, then ready, of the next generation and another process', async () => {
    const pool = newPool({ restart })
    const set = await pool.add('exits')
    const events: unknown[] = []
    for (const name of ['spaceExit', 'spaceRestart', 'spaceReady'] as const) {
      pool.on(name, ({ key, generation }) => events.push({ name, key, generation }))
    }
    await errorOf('ERR_SPACEPOOL_SPACE_CRASHED', set.call('exits', 'exit0'))
    await set.call('exits', 'pid')
    const { key } = set
    expect(events).to.deep.equal([
      { name: 'spaceExit', key, generation: 1 },
      { name: 'spaceRestart', key, generation: 2 },
      { name: 'spaceReady', key, generation: 2 }
    ])
  })

  it('does not take the answers along that were given before it', async () => {
    const pool = newPool({ restart })
    const set = await pool.add(['plain-functions', 'exits'])
    const calls = [...Array(50).keys()].map((value) => set.call('plain-functions', 'echo', [value]))
    const crash = errorOf('ERR_SPACEPOOL_SPACE_CRASHED', set.call('exits', 'exit0'))
    expect(await Promise.all(calls)).to.deep.equal([...Array(50).keys()])
    await crash
  })

  it('is told soon, though a process that left the group of the space holds its output', async () => {
    const pool = newPool({ restart })
    const set = await pool.add(['exits', 'child_process'])
    const command = 'setsid sleep 20 > /dev/null & echo $!'
    const options = { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' }
    const survivor = Number(await set.call('child_process', 'execFileSync', ['sh', ['-c', command], options]))
    await errorOf('ERR_SPACEPOOL_SPACE_CRASHED', set.call('exits', 'exit0'))
    expect(isRunning(survivor)).to.equal(true)
    process.kill(survivor, 'SIGKILL')
  })
})

describe('A call that is idempotent', () => {
  afterEach(destroyPools)

  it('is run again after a crash, and answers', async () => {
    const pool = newPool({ restart })
    const set = await pool.add(['exits', 'plain-functions'])
    const call = set.call('plain-functions', 'sleep', [20, 'answer'], { idempotent: true })
    await errorOf('ERR_SPACEPOOL_SPACE_CRASHED', set.call('exits', 'exit1'))
    expect(await call).to.equal('answer')
  })

  it('is run again once only: the second crash is its error', async () => {
    const pool = newPool({ restart })
    const set = await pool.add('exits')
    const call = set.call('exits', 'exit1', [], { idempotent: true })
    const error = await errorOf('ERR_SPACEPOOL_SPACE_CRASHED', call)
    expect(error).to.include({ phase: 'written', generation: 2 })
    expect(set.stats()).to.include({ calls: 1, errors: 1 })
  })

  it('is run again with the parameters as they were when it was made', async () => {
    const pool = newPool({ restart })
    const set = await pool.add(['exits', 'plain-functions'])
    const value = { list: [1] }
    const call = set.call('plain-functions', 'sleep', [20, value], { idempotent: true })
    value.list.push(2)
    await errorOf('ERR_SPACEPOOL_SPACE_CRASHED', set.call('exits', 'exit1'))
    expect(await call).to.deep.equal({ list: [1] })
  })

  it('is not run again when its space was stopped on purpose', async () => {
    const pool = newPool()
    const set = await pool.add('plain-functions')
    const call = rejectionOf(set.call('plain-functions', 'neverSettles', [], { idempotent: true }))
    await set.evict()
    expect(await call).to.include({ code: 'ERR_SPACEPOOL_SPACE_STOPPED', reason: 'evict' })
  })
})

describe('A storm of crashes', () => {
  afterEach(destroyPools)

  it('leaves every call settled once, with its own result or a typed error, and every space with its packages', async () => {
    const pool = newPool({ restart, replicas: 2 })
    const sets = await Promise.all([
      pool.add(['plain-functions', { name: 'class-with-state', as: 'account', parameters: [11] }]),
      pool.add(['plain-function', { name: 'class-with-state', as: 'account', parameters: [22] }])
    ])
    const outcome = { fine: 0, crashed: 0, wrong: [] as unknown[] }
    let kills = 0
    const caller = async (index: number): Promise<void> => {
      const set = sets[index % 2] as (typeof sets)[0]
      const expected = index % 2 === 0 ? 11 : 22
      while (kills < 15) {
        try {
          const value = await set.call('account', 'value')
          if (value === expected) outcome.fine++
          else outcome.wrong.push(value)
        } catch (error) {
          if (isSpacePoolError(error, 'ERR_SPACEPOOL_SPACE_CRASHED')) outcome.crashed++
          else outcome.wrong.push(error)
        }
      }
    }
    const callers = [...Array(16).keys()].map((index) => caller(index))
    const killer = setInterval(() => {
      const ready = pool.stats().spaces.filter(({ state }) => state === 'ready')
      const victim = ready[Math.floor(Math.random() * ready.length)]
      if (victim?.pid === undefined || victim.pid === null) return
      killChild(victim.pid)
      kills++
    }, 60)
    await Promise.all(callers)
    clearInterval(killer)
    expect(outcome.wrong).to.deep.equal([])
    expect(outcome.fine).to.be.greaterThan(0)
    // A kill takes along what is in flight in one space: no more than the callers of its set.
    expect(outcome.crashed).to.be.at.most(kills * 8)
    await until(() => pool.stats().spaces.every(({ state }) => state === 'ready'))
    expect(pool.stats()).to.include({ inFlight: 0, queued: 0 })
  })
})

describe('A space that has closed its pipe', () => {
  afterEach(destroyPools)
  after(removeWrittenFolders)

  const slowExit = `const { closeSync } = require('node:fs')
    exports.close = () => {
      closeSync(3)
      for (;;);
    }
    process.on('exit', () => {
      closeSync(3)
      for (const end = Date.now() + 700; Date.now() < end;);
    })`

  it('has not crashed when it was asked to end and is slow to do so', async () => {
    const folder = writtenFolder({ 'node_modules/slow-exit/index.js': slowExit })
    const pool = newPool({ stop: { ask: 60_000 }, paths: [join(folder, 'node_modules')] })
    const set = await pool.add('slow-exit')
    const exit = nextEvent(pool, 'spaceExit')
    await set.evict()
    expect(await exit).to.include({ reason: 'evict', cause: null, exitCode: 0 })
  })

  it('has broken the protocol when it lives on', async () => {
    const folder = writtenFolder({ 'node_modules/slow-exit/index.js': slowExit })
    const pool = newPool({ restart, paths: [join(folder, 'node_modules')] })
    const set = await pool.add('slow-exit')
    const error = await errorOf('ERR_SPACEPOOL_SPACE_CRASHED', set.call('slow-exit', 'close'))
    expect(error).to.include({ cause: 'protocol', signal: 'SIGKILL' })
  })
})

interface Expected {
  cause: SpaceCrashCause
  exitCode?: number
  signal?: string
}
