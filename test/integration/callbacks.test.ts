import { expect } from 'chai'
import type { ErrorEvent } from '../../lib/events.js'
import type { PackageSet } from '../../lib/package-set.js'
import type { SpacePool } from '../../lib/space-pool.js'
import { destroyPools, newPool, newSupervisor } from '../support/pools.js'
import { errorOf, rejectionOf } from '../support/rejections.js'
import { nextEvent, until } from '../support/waiting.js'

describe('A function among the parameters', () => {
  let pool: SpacePool
  let set: PackageSet

  before(async () => {
    pool = newPool()
    set = await pool.add(['callbacks', 'plain-functions', 'values', 'v8', 'vm'])
  })
  after(destroyPools)

  it('is called in the host, any number of times, in order, before the answer of the call', async () => {
    const seen: number[] = []
    await set.call('callbacks', 'repeat', [5000, (count: number) => seen.push(count)])
    expect(seen).to.deep.equal([...Array(5000).keys()])
  })

  it('is called in order though some arguments are large', async () => {
    const seen: number[] = []
    const sizes = [10, 1_000_000, 10, 70_000, 10, 300_000, 10]
    const made = await Promise.all(sizes.map((size) => set.call<Buffer>('values', 'bytes', [size])))
    await set.call('callbacks', 'all', [made, (value: Buffer) => seen.push(value.length)])
    expect(seen).to.deep.equal(sizes)
  })

  it('goes on being called after the answer, until the package stops', async () => {
    const seen: number[] = []
    const third = new Promise<void>((resolve) => {
      const answer = set.call('callbacks', 'start', [
        1,
        (count: number) => seen.push(count) === 3 && resolve()
      ])
      void answer.then((value) => expect(value).to.equal('started'))
    })
    await third
    await set.call('callbacks', 'stop')
    expect(seen.slice(0, 3)).to.deep.equal([0, 1, 2])
  })

  it('is found at any depth, in objects, arrays and maps', async () => {
    const seen: unknown[] = []
    const note = (value: unknown): number => seen.push(value)
    await set.call('callbacks', 'inOptions', [{ onData: note, inner: { list: [note] } }])
    expect(seen).to.deep.equal(['outer', 'inner'])
    let level: unknown = note
    for (let depth = 0; depth < 50; depth++) level = { level }
    expect(
      await set.call('values', 'describe', [new Map([['deep', { level, set: new Set([note]) }]])])
    ).to.match(/Function: note/)
  })

  it('is the same function there when it is the same here', async () => {
    const one = (): void => undefined
    expect(await set.call('callbacks', 'same', [one, one])).to.equal(true)
    expect(await set.call('callbacks', 'same', [one, () => undefined])).to.equal(false)
    await set.call('callbacks', 'keep', [one])
    expect(await set.call('callbacks', 'keepsOne')).to.equal(true)
    await set.call('callbacks', 'forget')
  })

  it('keeps its name and the number of its parameters', async () => {
    const path = 'describe'
    expect(
      await set.call('values', path, [
        function given(one: unknown, two: unknown) {
          return [one, two]
        }
      ])
    ).to.match(/Function: given/)
  })

  it('answers there with a promise of what it returns, be it a value or a promise', async () => {
    const double = (value: number): number => value * 2
    expect(await set.call('callbacks', 'sum', [[1, 2, 3], double])).to.equal(12)
    const later = async (value: number): Promise<number> => value * 3
    expect(await set.call('callbacks', 'all', [[1, 2, 3], later])).to.deep.equal([3, 6, 9])
  })

  it('gets functions of the package as its own arguments: done and next', async () => {
    const done = (value: unknown, finish: (value: unknown) => void): void => finish([value])
    expect(await set.call('callbacks', 'withDone', ['value', done])).to.deep.equal(['value'])
    const items: string[] = []
    const each = (item: string, next: (error?: Error) => void): void => {
      items.push(item)
      next()
    }
    expect(await set.call('callbacks', 'eachWithNext', [['a', 'b', 'c'], each])).to.equal(3)
    expect(items).to.deep.equal(['a', 'b', 'c'])
    const failing = (...[, next]: [string, (error?: Error) => void]): void =>
      next(new RangeError('not this one'))
    const error = await rejectionOf(set.call('callbacks', 'eachWithNext', [['a'], failing]))
    expect(error).to.be.instanceOf(RangeError).and.have.property('message', 'not this one')
  })

  it('may be handed to and fro', async () => {
    type Give = (value: unknown) => void
    const told = new Promise((resolve) => {
      const nested = (give: Give): void => give((giveDeeper: Give) => giveDeeper(resolve))
      void set.call('callbacks', 'nested', [nested])
    })
    expect(await told).to.equal('deep')
  })

  it('has callbacks in the style of Node, with the error as an error', async () => {
    const answer = new Promise((resolve) => {
      void set.call('callbacks', 'errorFirst', [
        'value',
        (error: unknown, value: unknown) => resolve({ error, value })
      ])
    })
    expect(await answer).to.deep.equal({ error: null, value: 'value' })
    const failure = new Promise<Error>((resolve) => {
      void set.call('callbacks', 'errorFirstFailing', ['no luck', (error: Error) => resolve(error)])
    })
    expect(await failure)
      .to.be.instanceOf(Error)
      .and.have.property('message', 'no luck')
  })

  it('that throws rejects its promise there, is an event here, and ends nothing', async () => {
    const events: ErrorEvent[] = []
    pool.on('error', (event) => events.push(event))
    const thrown = new TypeError('from the host')
    const fails = (): never => {
      throw thrown
    }
    expect(await set.call('callbacks', 'messageOfFailure', [fails])).to.equal('from the host')
    expect(await set.call('callbacks', 'messageOfFailure', [() => Promise.reject(thrown)])).to.equal(
      'from the host'
    )
    expect(await set.call('callbacks', 'ignoreFailure', [fails])).to.equal('done')
    await until(() => events.length === 3)
    const id = pool.stats().spaces[0]?.id
    for (const event of events) expect(event).to.deep.equal({ error: thrown, key: set.key, id, dropped: 0 })
    expect(set.stats()).to.include({ generation: 1 })
    pool.removeAllListeners('error')
  })

  for (const [what, name, one] of [
    ['that throws in a loop', 'repeat', 'ignoreFailure'],
    ['that is given what cannot cross in a loop', 'sendManyUncloneable', 'sendUncloneable']
  ] as const) {
    it(`${what} is a thousand events in a second at most, which say how many there would be`, async () => {
      const pool = newPool()
      const set = await pool.add('callbacks')
      const events: ErrorEvent[] = []
      pool.on('error', (event) => events.push(event))
      const fails = (): never => {
        throw new TypeError('from the host')
      }
      const begun = performance.now()
      await set.call('callbacks', name, [5000, fails])
      const counted = (): number => events.reduce((sum, { dropped }) => sum + 1 + dropped, 0)
      let more = 0
      for (; counted() < 5000; more++) await set.call('callbacks', one, [fails]).catch(() => undefined)
      expect(counted()).to.be.at.most(5000 + more)
      // In windows of which the first and the last count whole.
      expect(events.length).to.be.at.most(performance.now() - begun + 200)
      expect(set.stats()).to.include({ generation: 1 })
      await pool.destroy()
    })
  }

  it('that returns what cannot cross rejects its promise there, and is an event here', async () => {
    const event = nextEvent(pool, 'error')
    const message = await set.call('callbacks', 'messageOfFailure', [() => Symbol('no')])
    expect(message).to.be.a('string')
    expect((await event).error).to.include({ code: 'ERR_SPACEPOOL_NOT_CLONEABLE' })
  })

  it('that is given what cannot cross is not called, and that is an event here', async () => {
    const event = nextEvent(pool, 'error')
    let calls = 0
    const error = await rejectionOf(set.call('callbacks', 'sendUncloneable', [() => calls++]))
    expect((await event).error).to.include({ code: 'ERR_SPACEPOOL_NOT_CLONEABLE', place: 'parameters[0]' })
    expect(error).to.include({ code: 'ERR_SPACEPOOL_NOT_CLONEABLE' })
    expect(calls).to.equal(0)
  })

  it('is given up when the package lets go of it', async () => {
    await set.call('callbacks', 'keep', [() => 'kept'])
    const before = set.stats().callbacks
    await set.call('callbacks', 'forget')
    await set.call('v8', 'setFlagsFromString', ['--expose-gc'])
    await set.call('vm', 'runInNewContext', ['gc()'])
    await until(() => set.stats().callbacks < before)
  })
})

describe('A callback whose space is gone', () => {
  afterEach(destroyPools)

  it('is forgotten with it', async () => {
    const pool = newPool()
    const set = await pool.add('callbacks')
    await set.call('callbacks', 'keep', [() => 'kept'])
    expect(set.stats().callbacks).to.equal(1)
    await set.evict()
    expect(set.stats().callbacks).to.equal(0)
    expect(await set.call('callbacks', 'keepsOne')).to.equal(false)
  })

  it('that was a parameter of add() is there again when the package is loaded again', async () => {
    const pool = newPool()
    const seen: unknown[] = []
    const onChange = (amount: number): number => seen.push(amount)
    const set = await pool.add({ name: 'class-with-state', parameters: [1, { onChange }] })
    await set.call('class-with-state', 'increment')
    await set.evict()
    await set.call('class-with-state', 'increment', [5])
    expect(seen).to.deep.equal([2, 6])
  })

  it('of a function that the host got from the space rejects when it is called', async () => {
    const pool = newPool()
    const set = await pool.add('callbacks')
    let finish: (value: string) => Promise<unknown> = () => Promise.resolve()
    const got = new Promise<void>((resolve) => {
      const callback = (...[, done]: [unknown, typeof finish]): void => {
        finish = done
        resolve()
      }
      set.call('callbacks', 'withDone', [1, callback]).catch(() => undefined)
    })
    await got
    await set.evict()
    await errorOf('ERR_SPACEPOOL_REFERENCE_RELEASED', finish('too late'))
  })
})

describe('Too many callbacks', () => {
  afterEach(destroyPools)

  it('in one space are refused, and the space and the others live on', async () => {
    const { supervisor, call } = newSupervisor({}, { callbacks: 10 })
    const set = await supervisor.add('callbacks', undefined)
    const functions = Array.from({ length: 11 }, (value, index) => () => index)
    await call(set, 'callbacks', 'keep', [functions.slice(0, 10)])
    const error = await errorOf(
      'ERR_SPACEPOOL_TOO_MANY_CALLBACKS',
      call(set, 'callbacks', 'keep', [functions])
    )
    expect(error.limit).to.equal(10)
    expect(await call(set, 'callbacks', 'same', [functions[0], functions[0]])).to.equal(true)
    expect(set.replicas.generation).to.equal(1)
  })
})
