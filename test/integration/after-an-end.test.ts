import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { SpacePoolOptions } from '../../lib/options.js'
import type { Replica } from '../../lib/supervision/replica.js'
import { slotOf } from '../../lib/supervision/routing.js'
import { removeWrittenFolders, writtenFolder } from '../spaces/fixtures.js'
import { Gate, waitsAtLoad } from '../support/gate.js'
import { destroyPools, newPool, newSupervisor, paths } from '../support/pools.js'
import { errorOf } from '../support/rejections.js'
import { nextEvent, until, within } from '../support/waiting.js'

/** ms that nothing in these tests lasts. */
const LONG = 60_000

/** Crashes, or answers, as the file tells that its gate opens: the first time it runs, and never again. */
const oncePackage = `
  const { existsSync, writeFileSync } = require('node:fs')
  const opened = async (gate) => {
    while (!existsSync(gate)) await new Promise((resolve) => setTimeout(resolve, 5))
  }
  exports.pid = () => process.pid
  exports.exitOnce = async (gate, mark) => {
    if (existsSync(mark)) return 'second'
    writeFileSync(mark, '')
    await opened(gate)
    process.exit(3)
  }
  exports.wait = async (gate) => (await opened(gate), 'waited')`

function once(): { name: string; mark: string; gate: Gate } {
  const folder = writtenFolder({ 'once.cjs': oncePackage })
  return { name: join(folder, 'once.cjs'), mark: join(folder, 'mark'), gate: new Gate() }
}

describe('What waits when a space ends', () => {
  afterEach(destroyPools)
  after(removeWrittenFolders)

  it('is run by the space that took the place of one which crashed while it drained', async () => {
    const { name, mark, gate } = once()
    const pool = newPool()
    const set = await pool.add({ name, as: 'once' })
    const call = set.call('once', 'exitOnce', [gate.file, mark], { idempotent: true })
    const reloaded = nextEvent(pool, 'spaceReady')
    const reload = set.reload()
    await reloaded
    gate.open()
    expect(await within(5000, call)).to.equal('second')
    await reload
    expect(set.stats()).to.include({ queued: 0, restarts: 0 })
  })

  it('is run by another replica, and does not wait for the one that crashed', async () => {
    const { name, mark, gate } = once()
    const pool = newPool({ replicas: 2, restart: { minBackoff: LONG, maxBackoff: LONG } })
    const set = await pool.add({ name, as: 'once' })
    const call = set.call('once', 'exitOnce', [gate.file, mark], { idempotent: true })
    gate.open()
    expect(await within(5000, call)).to.equal('second')
  })

  it('leads to another replica when the one that it was bound to is no more', async () => {
    const { name, mark, gate } = once()
    const restart = { intensity: 100, minBackoff: LONG, maxBackoff: LONG }
    const { supervisor, call } = newSupervisor({ restart }, { surplus: 300 })
    const set = await supervisor.add({ name, as: 'once' }, { replicas: { min: 1, max: 2 }, concurrency: 1 })
    const busy = [1, 2].map(() => call(set, 'once', 'wait', [gate.file]))
    await until(() => set.replicas.slotCount === 2)
    gate.open()
    await Promise.all(busy)
    const affinity = Array.from({ length: 100 }, (_, n) => n).find((value) => slotOf(value, 2) === 1)
    const crash = call(set, 'once', 'exitOnce', [gate.file, mark], { affinity })
    const bound = call(set, 'once', 'pid', [], { affinity })
    await errorOf('ERR_SPACEPOOL_SPACE_CRASHED', crash)
    expect(await within(5000, bound)).to.be.a('number')
    expect(set.queued).to.equal(0)
  })

  it('is no further replica, where one that was to be it has crashed, before its backoff is over', async () => {
    const gate = new Gate()
    const folder = writtenFolder({
      'grows.cjs': `const { existsSync } = require('node:fs')
        if (existsSync(__dirname + '/broken')) process.exit(5)
        exports.wait = async (gate) => {
          while (!existsSync(gate)) await new Promise((resolve) => setTimeout(resolve, 5))
        }`
    })
    const pool = newPool({ restart: { minBackoff: LONG, maxBackoff: LONG } })
    const events: string[] = []
    pool.on('spaceRestart', () => events.push('restart'))
    const set = await pool.add(
      { name: join(folder, 'grows.cjs'), as: 'grows' },
      { replicas: { min: 1, max: 2 }, concurrency: 1 }
    )
    writeFileSync(join(folder, 'broken'), '')
    const exit = nextEvent(pool, 'spaceExit')
    const calls = [1, 2, 3].map(() => set.call('grows', 'wait', [gate.file]))
    expect(await exit).to.include({ cause: 'exit' })
    gate.open()
    await Promise.all(calls)
    expect(set.stats()).to.include({ restarts: 0 })
    expect(events).to.deep.equal([])
    expect(pool.stats().spaces).to.have.length(1)
  })
})

describe('A replica that crashes while others of its set load for the first time', () => {
  afterEach(destroyPools)
  after(removeWrittenFolders)

  /** A pool whose second replica is ready when the first one has crashed. */
  function begin(restart: SpacePoolOptions['restart']) {
    const folder = writtenFolder({
      'first.cjs': `const { existsSync, openSync } = require('node:fs')
        let first = true
        try { openSync(__dirname + '/mark', 'wx') } catch { first = false }
        if (first) setTimeout(() => process.exit(3), 1)
        else if (!existsSync(__dirname + '/gone')) while (!existsSync(__dirname + '/gone'));
        exports.pid = () => process.pid`
    })
    const pool = newPool({ replicas: 2, restart })
    pool.once('spaceExit', () => writeFileSync(join(folder, 'gone'), ''))
    return { folder, pool }
  }

  it('is replaced when they have', async () => {
    const { folder, pool } = begin({})
    const restart = nextEvent(pool, 'spaceRestart')
    const set = await pool.add({ name: join(folder, 'first.cjs'), as: 'first' })
    expect(await restart).to.include({ key: set.key, cause: 'exit' })
    await until(() => pool.stats().spaces.filter(({ state }) => state === 'ready').length === 2)
    expect(set.stats()).to.include({ restarts: 1 })
  })

  it('is replaced no sooner for the calls of who hears of that', async () => {
    const { folder, pool } = begin({ minBackoff: LONG, maxBackoff: LONG })
    const calls: Promise<unknown>[] = []
    pool.once('spaceRestart', () => {
      for (const slot of [0, 1]) {
        const affinity = Array.from({ length: 100 }, (_, n) => n).find((value) => slotOf(value, 2) === slot)
        calls.push(pool.call('first', 'pid', [], { affinity, timeout: 300 }))
      }
    })
    await pool.add({ name: join(folder, 'first.cjs'), as: 'first' })
    const results = await Promise.allSettled(calls)
    expect(results.map(({ status }) => status)).to.have.members(['fulfilled', 'rejected'])
    expect(pool.stats().spaces).to.have.length(1)
  })
})

describe('Who hears of an end', () => {
  afterEach(destroyPools)

  for (const name of ['spaceExit', 'spaceRestart'] as const) {
    it(`by ${name} and calls has the space that follows no sooner`, async () => {
      const pool = newPool({ restart: { minBackoff: LONG, maxBackoff: LONG }, callTimeout: 300 })
      const set = await pool.add('exits')
      const told = nextEvent(pool, name)
      const called = told.then(() => errorOf('ERR_SPACEPOOL_CALL_TIMEOUT', set.call('exits', 'pid')))
      let listened: Promise<unknown> = Promise.resolve()
      pool.once(name, () => {
        listened = errorOf('ERR_SPACEPOOL_CALL_TIMEOUT', set.call('exits', 'pid'))
      })
      await errorOf('ERR_SPACEPOOL_SPACE_CRASHED', set.call('exits', 'exit1'))
      expect(await called).to.include({ phase: 'queued' })
      expect(await listened).to.include({ phase: 'queued' })
      expect(pool.stats().spaces).to.deep.equal([])
    })
  }

  it('by spaceEvict and calls is answered by the space that follows', async () => {
    const pool = newPool()
    const set = await pool.add('exits')
    const before = await set.call('exits', 'pid')
    let called: Promise<unknown> = Promise.resolve()
    pool.once('spaceEvict', () => {
      called = set.call('exits', 'pid')
    })
    await set.evict()
    expect(await called)
      .to.be.a('number')
      .and.not.equal(before)
  })

  it('by spaceEvict and evicts, too, hears of nothing more', async () => {
    const pool = newPool()
    const set = await pool.add('exits')
    let told = 0
    pool.on('spaceEvict', () => {
      if (told++ < 5) void set.evict()
    })
    await set.evict()
    expect(told).to.equal(1)
    expect(set.stats()).to.include({ evictions: 1 })
  })
})

describe('A space that is evicted as soon as it is ready', () => {
  afterEach(destroyPools)

  it('has loaded nothing that was to be added: the next one does', async () => {
    const pool = newSupervisor({}, {})
    const set = await pool.supervisor.add('plain-functions', undefined)
    await set.evict()
    let evicting: Promise<void> | undefined
    const evict = (): void => {
      evicting ??= set.evict()
    }
    pool.listener = (name) => {
      if (name === 'spaceReady') queueMicrotask(() => queueMicrotask(evict))
    }
    const adding = pool.supervisor.addTo(set, 'throws-at-load')
    await errorOf('ERR_SPACEPOOL_PACKAGE_LOAD_FAILED', within(5000, adding))
    await evicting
    expect(set.packages).to.have.length(1)
  })
})

describe('A space that loads one more package', () => {
  afterEach(destroyPools)
  after(removeWrittenFolders)

  /** Is loaded when the gate is open. */
  function slow(): { name: string; gate: Gate } {
    const gate = new Gate()
    return { name: join(writtenFolder({ 'slow.mjs': waitsAtLoad(gate) }), 'slow.mjs'), gate }
  }

  it('has not been without activity meanwhile', async () => {
    const { name, gate } = slow()
    const pool = newPool({ inactivityTimeout: 200 })
    const set = await pool.add('plain-functions')
    const adding = set.add({ name, as: 'slow' })
    setTimeout(() => gate.open(), 500)
    await adding
    expect(await set.call('slow', 'loaded')).to.equal(true)
    expect(set.stats()).to.include({ evictions: 0, generation: 1 })
  })

  it('is not spared for another set, nor as a surplus one', async () => {
    const { name, gate } = slow()
    const busy = once()
    const { supervisor, call } = newSupervisor({ maxSpaces: 2 }, { surplus: 100 })
    const set = await supervisor.add(
      { name: busy.name, as: 'once' },
      { replicas: { min: 1, max: 2 }, concurrency: 1 }
    )
    const calls = [1, 2].map(() => call(set, 'once', 'wait', [busy.gate.file]))
    await until(() => set.replicas.ready.length === 2)
    const adding = supervisor.addTo(set, { name, as: 'slow' })
    busy.gate.open()
    await Promise.all(calls)
    const other = supervisor.add('plain-functions', undefined)
    setTimeout(() => gate.open(), 400)
    await adding
    expect(set.packages).to.have.length(2)
    await within(5000, other)
  })
})

describe('A package that is added', () => {
  afterEach(destroyPools)
  after(removeWrittenFolders)

  for (const reason of ['recycle', 'memory'] as const) {
    it(`goes to the space that follows when the one that loads it is replaced, reason ${reason}`, async () => {
      const gate = new Gate()
      const name = join(writtenFolder({ 'slow.mjs': waitsAtLoad(gate) }), 'slow.mjs')
      const { supervisor, call } = newSupervisor({}, {})
      const set = await supervisor.add('plain-functions', undefined)
      const [replica] = set.replicas.ready as [Replica]
      const adding = supervisor.addTo(set, { name, as: 'slow' })
      await until(() => replica.idleFor === 0)
      set.replicas.replicaDue(replica, reason)
      await replica.space?.ended
      gate.open()
      await adding
      expect(await call(set, 'slow', 'loaded')).to.equal(true)
      expect(set.replicas.generation).to.equal(2)
    })
  }
})

describe('A set that is evicted while it waits to restart what crashed', () => {
  afterEach(destroyPools)

  it('has no space before the next call', async () => {
    const pool = newPool({ restart: { minBackoff: 100, maxBackoff: 100 } })
    const set = await pool.add('exits')
    await errorOf('ERR_SPACEPOOL_SPACE_CRASHED', set.call('exits', 'exit1'))
    await set.evict()
    const ready = nextEvent(pool, 'spaceReady').then(() => 'ready')
    const later = new Promise((resolve) => setTimeout(resolve, 300, 'nothing'))
    expect(await Promise.race([ready, later])).to.equal('nothing')
    expect(await set.call('exits', 'pid')).to.be.a('number')
  })

  it('serves what waited already, after the wait', async () => {
    const pool = newPool({ restart: { minBackoff: 200, maxBackoff: 200 } })
    const set = await pool.add('exits')
    await errorOf('ERR_SPACEPOOL_SPACE_CRASHED', set.call('exits', 'exit1'))
    const call = set.call('exits', 'pid')
    await set.evict()
    expect(await within(5000, call)).to.be.a('number')
    await errorOf('ERR_SPACEPOOL_SPACE_CRASHED', set.call('exits', 'exit1'))
    const addition = set.add('plain-functions')
    await new Promise((resolve) => setImmediate(resolve))
    await set.evict()
    await within(5000, addition)
    expect(await set.call('plain-functions', 'add', [1, 2])).to.equal(3)
  })
})

describe('A package that blocks its space when that is rebuilt', () => {
  afterEach(destroyPools)
  after(removeWrittenFolders)

  /** `blocking` blocks while there is a file `mark`. */
  function begin() {
    const folder = writtenFolder({
      'node_modules/blocking/index.js': `const { existsSync } = require('node:fs')
        if (existsSync(__dirname + '/blocks')) for (;;);
        exports.answer = () => 1`
    })
    const mark = join(folder, 'node_modules/blocking/blocks')
    const pool = newSupervisor(
      { paths: [join(folder, 'node_modules'), ...paths], restart: { minBackoff: 0, maxBackoff: 0 } },
      { load: 300 }
    )
    return { mark, ...pool }
  }

  it('fails its calls, the next space serves the others without it, and the one after that tries it again', async () => {
    const { mark, supervisor, call, events } = begin()
    const set = await supervisor.add(['blocking', 'plain-functions'], undefined)
    writeFileSync(mark, '')
    await set.evict()
    expect(await within(10_000, call(set, 'plain-functions', 'add', [1, 2]))).to.equal(3)
    const error = await errorOf('ERR_SPACEPOOL_PACKAGE_LOAD_FAILED', call(set, 'blocking', 'answer'))
    expect(error).to.include({ package: 'blocking', timeout: 300 })
    const exits = (): number => events.filter(({ name }) => name === 'spaceExit').length
    // The evicted one, and the one that was blocked.
    expect(exits()).to.equal(2)
    rmSync(mark)
    await set.evict()
    expect(await call(set, 'blocking', 'answer')).to.equal(1)
  })

  it('takes no calls of the others with it, though it was the last to load', async () => {
    const { mark, supervisor, call, events } = begin()
    const set = await supervisor.add(['plain-functions', 'blocking'], undefined)
    writeFileSync(mark, '')
    await set.evict()
    expect(await within(10_000, call(set, 'plain-functions', 'add', [1, 2]))).to.equal(3)
    await errorOf('ERR_SPACEPOOL_PACKAGE_LOAD_FAILED', call(set, 'blocking', 'answer'))
    // The first one, and the one without it.
    expect(events.filter(({ name }) => name === 'spaceReady')).to.have.length(2)
  })
})
