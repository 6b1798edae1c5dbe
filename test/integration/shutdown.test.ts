import { expect } from 'chai'
import { isSpacePoolError } from '../../lib/errors.js'
import { destroyPools, newPool, newSupervisor } from '../support/pools.js'
import { errorOf } from '../support/rejections.js'
import { livingSpaces } from '../support/spaces.js'
import { livingChildren } from '../support/children.js'
import { nextEvent, until, within } from '../support/waiting.js'

/** What does not end by itself, or is not killed at once, is there for a minute. */
const unforced = { stop: { ask: 60_000, terminate: 60_000 } }

describe('Closing a pool', () => {
  afterEach(destroyPools)

  it('lets every call that was made be answered, those in the queue included, and ends the spaces', async () => {
    const pool = newPool({ concurrency: 32 })
    const set = await pool.add('plain-functions')
    const calls = numbers(200).map((index) => set.call('plain-functions', 'sleep', [20, index]))
    const closed = nextEvent(pool, 'close')
    await pool.close()
    expect(await Promise.all(calls)).to.deep.equal(numbers(200))
    expect(await closed).to.deep.equal({ failed: 0 })
    expect(livingSpaces()).to.deep.equal([])
    expect(pool.stats().spaces).to.deep.equal([])
  })

  it('refuses new work at once', async () => {
    const pool = newPool()
    const set = await pool.add('plain-functions')
    const last = set.call('plain-functions', 'sleep', [50, 'last'])
    const closing = pool.close()
    for (const refused of [
      pool.call('plain-functions', 'add', [1, 2]),
      set.call('plain-functions', 'add', [1, 2]),
      pool.add('plain-functions'),
      pool.add('blocks'),
      set.add('blocks'),
      set.reload(),
      set.evict()
    ]) {
      await errorOf('ERR_SPACEPOOL_POOL_CLOSED', refused)
    }
    expect(await last).to.equal('last')
    await closing
    await errorOf('ERR_SPACEPOOL_POOL_CLOSED', pool.call('plain-functions', 'add', [1, 2]))
  })

  it('waits for a set that is being added, and for the calls that wait for it', async () => {
    const pool = newPool()
    const adding = pool.add('esm-top-level-await')
    const call = pool.call('esm-top-level-await', 'evaluations')
    await pool.close()
    expect(await call).to.equal(1)
    expect((await adding).key).to.equal('esm-top-level-await')
  })

  it('waits for the calls of a package that is being added to a set', async () => {
    const pool = newPool()
    const set = await pool.add('plain-functions')
    const adding = set.add('esm-top-level-await')
    const call = set.call('esm-top-level-await', 'evaluations')
    await pool.close()
    expect(await call).to.equal(1)
    await adding
  })

  it('waits for calls that have to be moved to another space by a crash', async () => {
    const pool = newPool({ concurrency: 1, restart: { minBackoff: 30, maxBackoff: 30 } })
    const set = await pool.add(['exits', 'plain-functions'])
    const crash = errorOf('ERR_SPACEPOOL_SPACE_CRASHED', set.call('exits', 'exit0'))
    const queued = set.call('plain-functions', 'add', [1, 2])
    await pool.close()
    await crash
    expect(await queued).to.equal(3)
  })

  it('fails what has not settled in time, and is over soon after', async () => {
    const pool = newPool({ concurrency: 2 })
    const set = await pool.add(['plain-functions', 'blocks'])
    const calls = [
      errorOf('ERR_SPACEPOOL_POOL_CLOSED', set.call('plain-functions', 'neverSettles')),
      errorOf('ERR_SPACEPOOL_POOL_CLOSED', set.call('blocks', 'spinForever')),
      errorOf('ERR_SPACEPOOL_POOL_CLOSED', set.call('plain-functions', 'add', [1, 2]))
    ]
    const closed = nextEvent(pool, 'close')
    const begun = performance.now()
    await within(2500, pool.close({ timeout: 80 }))
    expect(performance.now() - begun).to.be.at.least(79)
    expect(await closed).to.deep.equal({ failed: 3 })
    await Promise.all(calls)
    expect(livingSpaces()).to.deep.equal([])
  })

  it('is bounded for spaces that ignore signals, and for those that a signal stopped', async () => {
    const pool = newPool({ stop: { ask: 50, terminate: 50 } })
    const sets = await Promise.all([
      pool.add('ignores-signals'),
      pool.add('blocks'),
      pool.add('plain-functions')
    ])
    for (const { pid } of pool.stats().spaces.slice(1)) process.kill(pid ?? 0, 'SIGSTOP')
    await sets[0].call('ignores-signals', 'pid')
    await within(2500, pool.close({ timeout: 200 }))
    expect(livingSpaces()).to.deep.equal([])
  })

  it('with an idle space is over in a moment', async () => {
    const pool = newPool(unforced)
    await pool.add('keeps-open')
    await within(5000, pool.close())
  })

  it('twice, or through "await using", is the same', async () => {
    const pool = newPool()
    await pool.add('plain-functions')
    let told = 0
    pool.on('close', () => told++)
    await Promise.all([pool.close(), pool.close({ timeout: 0 }), pool[Symbol.asyncDispose]()])
    await pool.close()
    expect(told).to.equal(1)
    await until(() => livingChildren().length === 0)
  })

  it('of a pool that never did anything is over at once', async () => {
    const pool = newPool()
    await pool.close()
    await errorOf('ERR_SPACEPOOL_POOL_CLOSED', pool.add('plain-functions'))
    expect(livingChildren()).to.deep.equal([])
  })

  it('refuses a set that waits for room', async () => {
    const { supervisor, call } = newSupervisor({ maxSpaces: 1 }, {})
    const busy = await supervisor.add('plain-functions', undefined)
    const first = errorOf('ERR_SPACEPOOL_POOL_CLOSED', call(busy, 'plain-functions', 'neverSettles'))
    const second = errorOf('ERR_SPACEPOOL_POOL_CLOSED', supervisor.add('blocks', undefined))
    await supervisor.close(50)
    await Promise.all([first, second])
  })
})

describe('Destroying a pool', () => {
  afterEach(destroyPools)

  it('ends everything now; what is pending rejects with POOL_CLOSED', async () => {
    const pool = newPool({ ...unforced, concurrency: 1 })
    const [set, blocked] = await Promise.all([pool.add('plain-functions'), pool.add('blocks')])
    const pending = [
      set.call('plain-functions', 'neverSettles'),
      set.call('plain-functions', 'add', [1, 2]),
      blocked.call('blocks', 'spinForever'),
      pool.add('callbacks'),
      set.add('plain-function')
    ].map((promise) => errorOf('ERR_SPACEPOOL_POOL_CLOSED', promise))
    await within(5000, pool.destroy())
    await Promise.all(pending)
    expect(livingSpaces()).to.deep.equal([])
  })

  it('cuts a close short', async () => {
    const pool = newPool()
    const set = await pool.add('plain-functions')
    const call = errorOf('ERR_SPACEPOOL_POOL_CLOSED', set.call('plain-functions', 'neverSettles'))
    const closing = pool.close()
    await pool.destroy()
    await Promise.all([closing, call])
  })

  it('while spaces start, restart, reload, or are evicted, leaves none behind', async () => {
    const starting = newPool({ spares: 2 })
    const restarting = newPool({ restart: { minBackoff: 0, maxBackoff: 0 } })
    const reloading = newPool()
    const evicting = newPool()
    const [crashing, reloaded, evicted] = await Promise.all([
      restarting.add('exits'),
      reloading.add('plain-functions'),
      evicting.add('plain-functions')
    ])
    const crash = errorOf('ERR_SPACEPOOL_SPACE_CRASHED', crashing.call('exits', 'exit0'))
    await nextEvent(restarting, 'spaceRestart')
    const adding = errorOf('ERR_SPACEPOOL_POOL_CLOSED', starting.add('blocks'))
    const reload = errorOf('ERR_SPACEPOOL_POOL_CLOSED', reloaded.reload())
    const eviction = evicted.evict()
    const pools = [starting, restarting, reloading, evicting]
    await Promise.all(pools.map((pool) => pool.destroy()))
    await Promise.all([adding, crash, reload, eviction])
    expect(livingSpaces()).to.deep.equal([])
  })

  it('ends the spaces of sets that are being removed, too', async () => {
    const pool = newPool(unforced)
    const [first, second] = await Promise.all([pool.add('ignores-signals'), pool.add('plain-functions')])
    process.kill(pool.stats().spaces[0]?.pid ?? 0, 'SIGSTOP')
    const removing = [first.remove(), second.remove()]
    await within(5000, pool.destroy())
    expect(livingSpaces()).to.deep.equal([])
    await Promise.all(removing)
  })

  it('twice is the same, and after a close does nothing', async () => {
    const pool = newPool()
    await pool.add('plain-functions')
    await Promise.all([pool.destroy(), pool.destroy()])
    await pool.close()
    await pool.destroy()
    expect(livingSpaces()).to.deep.equal([])
  })
})

describe('A pool that is closed while everything happens to it', () => {
  afterEach(destroyPools)

  it('settles every promise it has given, by its result or a typed error', async () => {
    const pool = newPool({ maxSpaces: 3, concurrency: 2, restart: { minBackoff: 0, maxBackoff: 0 } })
    const unexpected: unknown[] = []
    const pending = new Set<string>()
    const watch = (what: string, promise: Promise<unknown>): void => {
      pending.add(what)
      promise.then(
        () => pending.delete(what),
        (error: unknown) => {
          pending.delete(what)
          if (!isSpacePoolError(error)) unexpected.push(error)
        }
      )
    }
    const sets = await Promise.all(['exits', 'plain-functions', 'blocks'].map((name) => pool.add(name)))
    for (let round = 0; round < 30; round++) {
      watch(`sleep ${round}`, pool.call('plain-functions', 'sleep', [round]))
      watch(`ping ${round}`, pool.call('blocks', 'ping', [], { idempotent: true, timeout: 200 }))
      if (round % 10 === 0) watch(`crash ${round}`, pool.call('exits', 'exit0'))
      if (round % 10 === 3) watch(`add ${round}`, pool.add({ name: 'plain-function', as: `number-${round}` }))
      for (const set of sets) {
        if (round % 10 === 5) watch(`reload ${set.key} ${round}`, set.reload())
        if (round % 10 === 6) watch(`grow ${set.key} ${round}`, set.add('plain-function'))
        if (round % 10 === 7) watch(`evict ${set.key} ${round}`, set.evict())
      }
      if (round === 20) watch('close', pool.close({ timeout: 300 }))
      await new Promise((resolve) => setImmediate(resolve))
    }
    await pool.close()
    await new Promise((resolve) => setImmediate(resolve))
    expect([...pending]).to.deep.equal([])
    expect(unexpected).to.deep.equal([])
    expect(livingSpaces()).to.deep.equal([])
  })
})

function numbers(count: number): number[] {
  return [...Array(count).keys()]
}
