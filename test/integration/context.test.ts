import { AsyncLocalStorage } from 'node:async_hooks'
import { EventEmitter, once } from 'node:events'
import { expect } from 'chai'
import type { SpacePoolOptions } from '../../lib/options.js'
import type { Remote } from '../../lib/remote.js'
import type { SpacePool } from '../../lib/space-pool.js'
import { destroyPools, newPool } from '../support/pools.js'
import { errorOf, rejectionOf } from '../support/rejections.js'

const storage = new AsyncLocalStorage<string>()

interface Callbacks {
  callWith(callback: (...parameters: unknown[]) => unknown, ...parameters: unknown[]): unknown
  keep(callback: (...parameters: never[]) => unknown): void
  callKept(...parameters: unknown[]): unknown
}

interface Reader {
  read(): unknown[]
  itself(): Reader
}

interface ReadsContext {
  now(): unknown
  later(): Promise<unknown[]>
  query(): PromiseLike<unknown>
  isStored(): boolean
  ask(teller: { tell(): unknown }): Promise<unknown>
  everyWhile(count: number, listener: (context: unknown) => void): void
  Reader: new () => Reader
}

describe('The AsyncLocalStorage of the host', () => {
  let pool: SpacePool
  let callbacks: Remote<Callbacks>

  before(async () => {
    pool = newPool()
    await pool.add(['callbacks', 'reads-context'])
    callbacks = pool.use<Callbacks>('callbacks')
  })
  after(destroyPools)

  const store = (): string | undefined => storage.getStore()

  it('is in a callback what it was where the callback was given', async () => {
    const results = await Promise.all(
      ['a', 'b'].map((name) => storage.run(name, () => pool.call('callbacks', 'callWith', [() => store()])))
    )
    expect(results).to.deep.equal(['a', 'b'])
    expect(await pool.call('callbacks', 'callWith', [() => store()])).to.equal(undefined)
  })

  it('is that also when the callback is called by a later call, from elsewhere', async () => {
    await storage.run('given', () => pool.call('callbacks', 'keep', [() => store()]))
    expect(await storage.run('calling', () => pool.call('callbacks', 'callKept'))).to.equal('given')
  })

  it('is that also in what the callback awaits, throws and emits', async () => {
    const seen: unknown[] = []
    const callback = async (): Promise<void> => {
      await Promise.resolve()
      seen.push(store())
      setImmediate(() => seen.push(store()))
    }
    await storage.run('a', () => pool.call('callbacks', 'callWith', [callback]))
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
    expect(seen).to.deep.equal(['a', 'a'])
  })

  it('is that for calls that waited for their space', async () => {
    const late = newPool()
    const adding = late.add('callbacks')
    const called = ['a', 'b'].map((name) =>
      storage.run(name, () => late.call('callbacks', 'callWith', [() => store()]))
    )
    await adding
    expect(await Promise.all(called)).to.deep.equal(['a', 'b'])
    await late.destroy()
  })

  it('is that for functions and objects that are given to chains, however many of one tick', async () => {
    const chains = ['a', 'b'].map((name) =>
      storage.run(name, () => callbacks.callWith((...given) => [store(), ...given], name))
    )
    expect(await Promise.all(chains)).to.deep.equal([
      ['a', 'a'],
      ['b', 'b']
    ])
    class Teller {
      tell(): unknown {
        return store()
      }
    }
    const asking = pool.use<ReadsContext>('reads-context')
    const told = storage.run('c', () => asking.ask(new Teller()))
    expect(await told).to.equal('c')
  })

  it('stays the first one while the same function is lent', async () => {
    const callback = (): unknown => store()
    await storage.run('first', () => callbacks.keep(callback))
    expect(await storage.run('second', () => callbacks.callWith(callback))).to.equal('first')
  })

  it("is the caller's after await", async () => {
    const seen = await storage.run('mine', async () => {
      await pool.call('callbacks', 'callWith', [() => undefined])
      const called = store()
      await callbacks.callWith(() => undefined)
      const chained = store()
      const then = await callbacks.callWith(() => undefined).then(() => store())
      return [called, chained, then]
    })
    expect(seen).to.deep.equal(['mine', 'mine', 'mine'])
  })
})

describe('The context that travels', () => {
  afterEach(destroyPools)

  const reading = async (options: SpacePoolOptions = {}): Promise<SpacePool> => {
    const pool = newPool({ context: () => storage.getStore(), ...options })
    await pool.add('reads-context')
    return pool
  }

  it('is that of the call, at once, after timers, and for each of many calls', async () => {
    const pool = await reading()
    const names = [...Array(100).keys()].map((index) => `trace ${index}`)
    const now = names.map((name) => storage.run(name, () => pool.call('reads-context', 'now')))
    const later = names.map((name) => storage.run(name, () => pool.call('reads-context', 'later')))
    expect(await Promise.all(now)).to.deep.equal(names)
    expect(await Promise.all(later)).to.deep.equal(names.map((name) => [name, name]))
    expect(await pool.call('reads-context', 'now')).to.equal(undefined)
  })

  it('is that of each step of a chain, also where chains of one tick belong together', async () => {
    const pool = await reading()
    const reader = pool.use<ReadsContext>('reads-context')
    const first = storage.run('a', () => new reader.Reader())
    const second = storage.run('b', () => new reader.Reader())
    const read = [
      storage.run('c', () => first.read()),
      storage.run('d', () => second.itself().read()),
      first.read(),
      storage.run('e', () => reader.query()),
      storage.run('f', () => reader.later())
    ]
    expect(await Promise.all(read)).to.deep.equal([['a', 'c'], ['b', 'd'], ['a', undefined], 'e', ['f', 'f']])
  })

  it('is there in callbacks, on both sides, and in listeners that are called later', async () => {
    const pool = await reading()
    const calling = storage.run('a', () =>
      pool.call('reads-context', 'whileCalling', [
        async (ask: () => Promise<unknown>) => [storage.getStore(), await ask()]
      ])
    )
    expect(await calling).to.deep.equal([['a', 'a'], 'a'])
    const heard = new EventEmitter()
    const seen: unknown[] = []
    const listener = (context: unknown): void => {
      seen.push(context)
      if (seen.length === 3) heard.emit('all')
    }
    const reader = pool.use<ReadsContext>('reads-context')
    await Promise.all([once(heard, 'all'), storage.run('b', () => reader.everyWhile(3, listener))])
    expect(seen).to.deep.equal(['b', 'b', 'b'])
  })

  it('crosses as any value does, and is read when the call is made', async () => {
    const trace = { id: 1n, tags: new Map([['user', 'x']]) }
    const pool = await reading({ context: () => trace })
    const called = pool.call('reads-context', 'now')
    trace.id = 2n
    expect(await called).to.deep.equal({ id: 1n, tags: trace.tags })
    expect(await pool.call('reads-context', 'now')).to.deep.equal(trace)
  })

  it('travels with calls that wait for a space, and with those that are run again', async () => {
    const pool = newPool({ context: () => storage.getStore() })
    const adding = pool.add('reads-context')
    const waiting = storage.run('waiting', () => pool.call('reads-context', 'now', [{ packed: true }]))
    await adding
    expect(await waiting).to.equal('waiting')
    const again = storage.run('again', () => pool.call('reads-context', 'later', [], { idempotent: true }))
    process.kill(pool.stats().spaces[0]?.pid ?? 0, 'SIGKILL')
    expect(await again).to.deep.equal(['again', 'again'])
  })

  it('rejects the call when it cannot travel, or cannot be had', async () => {
    let context: unknown
    const pool = await reading({
      context: () => {
        if (context instanceof Error) throw context
        return context
      }
    })
    const reader = pool.use<ReadsContext>('reads-context')
    for (context of ['x'.repeat(9000), () => undefined, Symbol('s'), Promise.resolve()]) {
      const error = await errorOf('ERR_SPACEPOOL_INVALID_OPTION', pool.call('reads-context', 'now'))
      expect(error.message).to.match(/context/)
      await errorOf('ERR_SPACEPOOL_INVALID_OPTION', Promise.resolve(reader.now()))
    }
    context = new RangeError('none')
    expect(await rejectionOf(pool.call('reads-context', 'now'))).to.equal(context)
    expect(await rejectionOf(Promise.resolve(reader.now()))).to.equal(context)
    context = 'x'.repeat(8000)
    expect(await pool.call('reads-context', 'now')).to.equal(context)
  })

  it('costs nothing where none is registered: the space has no AsyncLocalStorage', async () => {
    const pool = newPool()
    await pool.add('reads-context')
    expect(await pool.call('reads-context', 'now')).to.equal(undefined)
    expect(await pool.call('reads-context', 'isStored')).to.equal(false)
    expect(await pool.use<ReadsContext>('reads-context').isStored()).to.equal(false)
  })
})
