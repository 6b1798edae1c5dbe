import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { expect } from 'chai'
import pino from 'pino'
import { removeWrittenFolders, writtenFolder } from '../spaces/fixtures.js'
import { destroyPools, newPool, paths } from '../support/pools.js'
import { errorOf } from '../support/rejections.js'
import { nextEvent, until, within } from '../support/waiting.js'
import { SpacePool } from '../../lib/space-pool.js'

// Options that are a topic of their own are in the file of that topic: capacity, replicas, queue, values, timeouts,
// inactivity, environment, stdio, keep-alive, shutdown, names that are allowed.

describe('The option', () => {
  afterEach(destroyPools)
  after(removeWrittenFolders)

  it('"paths" is by default where the program that embeds the pool finds its modules', async () => {
    const pool = new SpacePool()
    const set = await pool.add('semver')
    expect(await set.call('semver', 'valid', ['1.2.3'])).to.equal('1.2.3')
    await pool.destroy()
  })

  it('"execPath" is the program that runs as Node', async () => {
    const folder = writtenFolder({ node: `#!/bin/sh\nWRAPPED=yes exec "${process.execPath}" "$@"\n` })
    const execPath = join(folder, 'node')
    chmodSync(execPath, 0o755)
    const pool = newPool({ execPath })
    await pool.add('environment')
    expect(await pool.call('environment', 'variable', ['WRAPPED'])).to.equal('yes')
  })

  it('"logger" may be a logger of pino: records are bound to the space, its process and its set', async () => {
    const records: Record<string, unknown>[] = []
    const stream = new Writable({
      write(chunk: Buffer, encoding, done) {
        for (const line of chunk.toString().split('\n').filter(Boolean)) {
          records.push(JSON.parse(line) as Record<string, unknown>)
        }
        done()
      }
    })
    const pool = newPool({ logger: pino({ level: 'info', base: null }, stream), restart: { minBackoff: 0 } })
    const set = await pool.add('exits')
    const pid = await set.call('exits', 'pid')
    await errorOf('ERR_SPACEPOOL_SPACE_CRASHED', set.call('exits', 'exitAfterLine', ['last words', 3]))
    await until(() => records.some(({ msg }) => msg === 'space crashed'))
    const ready = records.find(({ msg }) => msg === 'space ready')
    const crash = records.find(({ msg }) => msg === 'space crashed')
    expect(ready).to.include({ level: 30, space: 1, pid, key: 'exits', generation: 1 })
    expect(crash).to.include({ level: 50, space: 1, pid, key: 'exits', cause: 'exit', exitCode: 3 })
    expect(crash).to.have.property('stderr', 'last words\n')
  })

  it('"logger" may be the options of pino', async () => {
    const pool = newPool({ logger: { level: 'silent' } })
    await pool.add('plain-functions')
    expect(await pool.call('plain-functions', 'add', [1, 2])).to.equal(3)
  })

  it('"restart.intensity" of 0 takes a set down with its first crash', async () => {
    const pool = newPool({ restart: { intensity: 0 } })
    const set = await pool.add('exits')
    const down = nextEvent(pool, 'setDown')
    await errorOf('ERR_SPACEPOOL_SPACE_CRASHED', set.call('exits', 'exit1'))
    expect(await down).to.include({ restarts: 0 })
    await errorOf('ERR_SPACEPOOL_SET_DOWN', set.call('exits', 'pid'))
  })

  it('"restart.period" is the time after which a restart is forgotten', async () => {
    const pool = newPool({ restart: { intensity: 1, period: 1, minBackoff: 2, maxBackoff: 2 } })
    const set = await pool.add('exits')
    for (let crash = 0; crash < 4; crash++) {
      await errorOf('ERR_SPACEPOOL_SPACE_CRASHED', set.call('exits', 'exit1'))
    }
    expect(await set.call('exits', 'pid')).to.be.a('number')
    expect(set.stats()).to.include({ restarts: 4, down: false })
  })

  it('"restart.minBackoff" and "maxBackoff" are the waits after short lives, which calls wait for', async () => {
    const pool = newPool({ restart: { minBackoff: 60, maxBackoff: 100 } })
    const backoffs: number[] = []
    pool.on('spaceRestart', ({ backoff }) => backoffs.push(backoff))
    const set = await pool.add('exits')
    const begun = performance.now()
    for (let crash = 0; crash < 3; crash++) {
      await errorOf('ERR_SPACEPOOL_SPACE_CRASHED', set.call('exits', 'exit1'))
    }
    await until(() => backoffs.length === 3)
    expect(backoffs[0]).to.be.within(30, 60)
    expect(backoffs[1]).to.be.within(50, 100)
    expect(backoffs[2]).to.be.within(50, 100)
    expect(performance.now() - begun).to.be.greaterThan((backoffs[0] ?? 0) + (backoffs[1] ?? 0))
  })

  it('"restart.minLife" is the life after which a space comes back at once', async () => {
    const pool = newPool({ restart: { minLife: 1, minBackoff: 10_000 } })
    const set = await pool.add('exits')
    const restarted = nextEvent(pool, 'spaceRestart')
    await errorOf('ERR_SPACEPOOL_SPACE_CRASHED', set.call('exits', 'exit1'))
    expect(await restarted).to.include({ backoff: 0 })
    expect(await set.call('exits', 'pid')).to.be.a('number')
  })

  it('"restart" of a set is its own, for the rest that of the pool', async () => {
    const pool = newPool({ restart: { intensity: 0, minBackoff: 0 } })
    const set = await pool.add('exits', { restart: { intensity: 5 } })
    await errorOf('ERR_SPACEPOOL_SPACE_CRASHED', set.call('exits', 'exit1'))
    expect(await set.call('exits', 'pid')).to.be.a('number')
  })

  it('"restart.startsPerSecond" lets other starts wait', async () => {
    const pool = newPool({ spares: 2, restart: { startsPerSecond: 0.1 } })
    await until(() => pool.stats().spaces.some(({ state }) => state === 'ready'))
    expect(pool.stats().spaces.map(({ pid }) => pid === null)).to.have.members([false, true])
  })

  it('"stop" bounds each step of ending a space', async () => {
    const pool = newPool({ stop: { ask: 30, terminate: 40 } })
    const set = await pool.add(['blocks', 'ignores-signals'])
    const stopped = errorOf('ERR_SPACEPOOL_SPACE_STOPPED', set.call('blocks', 'spinForever'))
    const begun = performance.now()
    await within(2500, set.evict())
    expect(performance.now() - begun).to.be.at.least(69)
    await stopped
  })

  it('that is undefined is not given, and a time that no timer can hold is not cut', async () => {
    const pool = newPool({ callTimeout: undefined, maxSpaces: undefined, inactivityTimeout: 2 ** 40 })
    const set = await pool.add('plain-functions', { concurrency: undefined, callTimeout: 2 ** 40 })
    const call = set.call('plain-functions', 'sleep', [20, 'done'], { timeout: 2 ** 40, signal: undefined })
    expect(await call).to.equal('done')
    expect(set.stats()).to.include({ evictions: 0, errors: 0 })
  })

  it('that is changed after the pool was made changes nothing', async () => {
    const options = { maxSpaces: 3, paths: [...paths], env: { WHICH: 'before' }, restart: { intensity: 3 } }
    const pool = newPool(options)
    Object.assign(options, { maxSpaces: 0, restart: 'never' })
    options.paths.length = 0
    options.env.WHICH = 'after'
    await pool.add('environment')
    expect(await pool.call('environment', 'variable', ['WHICH'])).to.equal('before')
  })
})
