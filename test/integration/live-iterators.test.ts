import { expect } from 'chai'
import { isSpacePoolError } from '../../lib/errors.js'
import { release } from '../../lib/live.js'
import type { SpacePool } from '../../lib/space-pool.js'
import { destroyPools, newPool } from '../support/pools.js'
import { rejectionOf } from '../support/rejections.js'
import { until, within } from '../support/waiting.js'

type Name =
  | ('made' | 'ended' | 'reset' | 'count' | 'countLater' | 'slow' | 'failing' | 'failingLater' | 'silent')
  | ('uncloneable' | 'large' | 'promises' | 'items' | 'events' | 'linesDestroyed' | 'crash')
  | ('sum' | 'first' | 'failureOf')
type Chain = PromiseLike<unknown> &
  AsyncIterable<unknown> & { [Symbol.asyncIterator](): AsyncIterator<unknown> }
type Iterables = Readonly<Record<Name, (...parameters: unknown[]) => Chain>> & {
  readonly map: Chain
  readonly Lines: new () => Chain
}

async function all(iterable: AsyncIterable<unknown>): Promise<unknown[]> {
  const items: unknown[] = []
  for await (const item of iterable) items.push(item)
  return items
}

describe('Iterating over what is in a space', () => {
  let pool: SpacePool
  let remote: Iterables

  before(async () => {
    pool = newPool()
    remote = pool.use('iterables')
    await pool.add('iterables')
  })
  beforeEach(async () => void (await remote.reset()))
  after(destroyPools)

  const noneIsLeft = (): Promise<void> =>
    until(() => pool.stats().sets.every(({ references }) => references === 0))

  it('gives all items in order, of generators of both kinds, and of what is no iterator itself', async () => {
    expect(await all(remote.count(3000))).to.deep.equal([...Array(3000).keys()])
    expect(await all(remote.countLater(3000))).to.deep.equal([...Array(3000).keys()])
    expect(await all(remote.map)).to.deep.equal([
      ['a', 1],
      ['b', 2]
    ])
    expect(await all(remote.count(0))).to.deep.equal([])
    await noneIsLeft()
  })

  it('says in an error, whenever it comes, what is iterated over, and where', async () => {
    const placeOf = async (iterable: AsyncIterable<unknown>): Promise<(string | undefined)[]> => {
      const lines = ((await rejectionOf(all(iterable))) as Error).stack?.split('\n') ?? []
      const place = lines.findIndex((line) => line.endsWith('(in a space)'))
      return lines.slice(place, place + 2)
    }
    for (const after of [0, 1, 300]) {
      const [ofChain, whereChain] = await placeOf(remote.failing(after))
      expect(ofChain).to.equal('    at iterables.failing(…) (in a space)')
      expect(whereChain).to.match(/live-iterators\.test\.ts/)
      const generator = (await remote.failing(after)) as AsyncIterable<unknown>
      const [ofReference, where] = await placeOf(generator)
      release(generator)
      expect(ofReference).to.equal('    at Object (in a space)')
      expect(where).to.match(/live-iterators\.test\.ts/)
    }
    await noneIsLeft()
  })

  it('gives items as soon as they are there', async () => {
    const reading = (async () => {
      for await (const item of remote.slow(1000)) if (item === 3) break
    })()
    // All of them are there after five seconds.
    await within(4000, reading)
    for await (const event of remote.events()) {
      expect(event).to.deep.equal([1])
      break
    }
  })

  it('makes no more items than a window ahead of a slow loop', async () => {
    for (const iterable of [remote.count, remote.countLater]) {
      await remote.reset()
      let seen = 0
      for await (const item of iterable()) {
        expect(item).to.equal(seen++)
        if (seen % 200 === 0) expect(await remote.made()).to.be.below(seen + 600)
        if (seen === 1000) break
      }
    }
    await noneIsLeft()
  })

  it('awaits the promises among the items of a list', async () => {
    expect(await all(remote.promises())).to.deep.equal([1, 2, 3])
  })

  it('ends the iterator there when the loop is left or throws', async () => {
    for await (const item of remote.count()) if (item === 20) break
    expect(await remote.ended()).to.equal(1)
    for await (const item of remote.countLater()) if (item === 20) break
    const thrown = rejectionOf(
      (async () => {
        for await (const item of remote.count()) throw new Error(`at ${String(item)}`)
      })()
    )
    expect(await thrown).to.have.property('message', 'at 0')
    expect(await remote.ended()).to.equal(3)
    await noneIsLeft()
  })

  it('can be left though no further item comes', async () => {
    for await (const item of remote.silent()) {
      expect(item).to.equal('the only one')
      break
    }
    for await (const line of new remote.Lines()) {
      expect(String(line)).to.equal('a line')
      break
    }
    expect(await remote.linesDestroyed()).to.equal(true)
    await noneIsLeft()
  })

  it('rejects with what was thrown there, after the items before', async () => {
    for (const failing of [remote.failing, remote.failingLater]) {
      const seen: unknown[] = []
      const error = await rejectionOf(
        (async () => {
          for await (const item of failing(20)) seen.push(item)
        })()
      )
      expect(error).to.be.an.instanceOf(RangeError)
      expect(error).to.include({ message: 'no more of it', code: 'E_NO_MORE' })
      expect(seen).to.have.length(20)
    }
    await noneIsLeft()
  })

  it('rejects for an item that cannot cross, and ends the iterator there', async () => {
    const error = await rejectionOf(all(remote.uncloneable()))
    expect(isSpacePoolError(error, 'ERR_SPACEPOOL_NOT_CLONEABLE')).to.equal(true)
    await noneIsLeft()
    expect(await remote.ended()).to.equal(1)
  })

  it('gives items in order to those who ask for several at once, and nothing after the end', async () => {
    const iterator = remote.count(40)[Symbol.asyncIterator]()
    const results = await Promise.all(Array.from({ length: 42 }, () => iterator.next()))
    expect(results.map(({ done, value }) => (done === true ? 'done' : value))).to.deep.equal([
      ...Array(40).keys(),
      'done',
      'done'
    ])
    await noneIsLeft()
  })

  it('sends large items in small batches', async () => {
    await using own = newPool({ maxBytes: 4_000_000 })
    const small = own.use<unknown>('iterables') as Iterables
    let bytes = 0
    for await (const item of small.large(20, 1_000_000)) bytes += (item as { bytes: Buffer }).bytes.length
    expect(bytes).to.equal(20_000_000)
  })

  it('gives instances as references, which are the own of who gets them', async () => {
    const titles: unknown[] = []
    for await (const item of remote.items(3)) {
      const own = item as { title(): PromiseLike<string> } & Disposable
      titles.push(await own.title())
      own[Symbol.dispose]()
    }
    expect(titles).to.deep.equal(['item 0', 'item 1', 'item 2'])
    await noneIsLeft()
  })

  it('rejects when the space crashes', async () => {
    await using own = newPool()
    const crashing = own.use<unknown>('iterables') as Iterables
    const error = await rejectionOf(all(crashing.crash(5)))
    expect(isSpacePoolError(error, 'ERR_SPACEPOOL_SPACE_CRASHED')).to.equal(true)
  })
})

describe('Iterating in a space over what is here', () => {
  let pool: SpacePool
  let remote: Iterables

  before(async () => {
    pool = newPool()
    remote = pool.use('iterables')
    await pool.add('iterables')
  })
  after(destroyPools)

  it('gives all items, of generators of both kinds', async () => {
    function* count(): Generator<number> {
      for (let item = 0; item < 1000; item++) yield item
    }
    async function* countLater(): AsyncGenerator<number> {
      yield* count()
    }
    expect(await remote.sum(count())).to.equal(499_500)
    expect(await remote.sum(countLater())).to.equal(499_500)
  })

  it('ends the iterator here when the loop is left, and makes few items before', async () => {
    let [made, ended] = [0, false]
    async function* endless(): AsyncGenerator<number> {
      try {
        for (;;) yield made++
      } finally {
        ended = true
      }
    }
    expect(await remote.first(endless())).to.equal(0)
    await until(() => ended)
    expect(made).to.be.below(1000)
  })

  it('throws what is thrown here, after the items before', async () => {
    function* failing(): Generator<number> {
      yield 1
      throw new RangeError('nothing else')
    }
    expect(await remote.failureOf(failing())).to.deep.equal({ items: [1], message: 'nothing else' })
  })
})
