import { expect } from 'chai'
import { ProtocolViolation } from '../../../lib/wire/byte-reader.js'
import { RemoteIterator } from '../../../lib/wire/remote-iterator.js'
import {
  at,
  liveConversation,
  wait,
  type Anything,
  type LiveConversation
} from '../../support/live-conversation.js'
import { rejectionOf } from '../../support/rejections.js'
import { until } from '../../support/waiting.js'

const each = (remote: Anything): AsyncIterable<unknown> => remote as unknown as AsyncIterable<unknown>

async function all(remote: Anything): Promise<unknown[]> {
  const items: unknown[] = []
  for await (const item of each(remote)) items.push(item)
  return items
}

describe('An iteration over what is in the other process', () => {
  let talk: LiveConversation
  let lists: Anything
  let produced: number
  let ended: number

  beforeEach(() => {
    produced = ended = 0
    function* endless(): Generator<number> {
      try {
        for (;;) yield produced++
      } finally {
        ended++
      }
    }
    async function* failing(): AsyncGenerator<number> {
      yield 1
      throw new RangeError('no luck')
    }
    class Item {
      name = 'item'
    }
    talk = liveConversation({
      lists: {
        list: [1, 2, 3],
        map: new Map([['a', 1]]),
        endless,
        failing,
        *failingAfter(count: number) {
          for (let item = 0; item < count; item++) yield item
          throw new RangeError('no more')
        },
        async *countLater(count: number) {
          for (let item = 0; item < count; item++) {
            if (item % 100 === 99) await new Promise(setImmediate)
            yield item
          }
        },
        *count(count: number) {
          for (let item = 0; item < count; item++) yield item
        },
        items: () => new Set([new Item()]),
        number: 7
      }
    })
    lists = talk.host.use('lists')
  })

  it('gives all items in order, of anything that can be iterated over', async () => {
    expect(await all(at(lists, 'list'))).to.deep.equal([1, 2, 3])
    expect(await all(at(lists, 'map'))).to.deep.equal([['a', 1]])
    expect(await all(at(lists, 'count')(1000))).to.deep.equal([...Array(1000).keys()])
    expect(await all(at(lists, 'count')(0))).to.deep.equal([])
    const [item] = (await all(at(lists, 'items')())) as [Anything]
    expect(await at(item, 'name')).to.equal('item')
  })

  it('goes in batches, and lets go of the source at the end', async () => {
    await all(at(lists, 'count')(5000))
    await until(() => talk.host.connection.referenceCount === 0)
    expect(talk.host.scripts).to.be.below(60)
    await until(() => talk.space.connection.lent.size === 0)
  })

  it('gives an item that is here at the next turn, also after one that had to be waited for', async () => {
    const iterator = each(at(lists, 'list'))[Symbol.asyncIterator]()
    await iterator.next()
    for (const expected of [2, 3]) {
      let item: unknown
      void iterator.next().then((result) => (item = result.value as unknown))
      await Promise.resolve()
      expect(item).to.equal(expected)
    }
  })

  it('is not far behind a slow consumer: two batches are on their way while one is used', async () => {
    const iterator = each(at(lists, 'endless')())[Symbol.asyncIterator]()
    await iterator.next()
    for (let turns = 0; turns < 50; turns++) await new Promise(setImmediate)
    expect(produced).to.be.at.most(16 + 32)
    for (let count = 0; count < 16; count++) await iterator.next()
    for (let turns = 0; turns < 50; turns++) await new Promise(setImmediate)
    expect(produced).to.be.at.most(16 + 32 + 64)
    for (let taken = 17; taken < 3000; taken++) await iterator.next()
    for (let turns = 0; turns < 50; turns++) await new Promise(setImmediate)
    expect(produced).to.be.at.most(3000 + 128 + 256)
    await iterator.return?.()
    expect(ended).to.equal(1)
  })

  it('keeps the order of the items and of a failure behind them, however many batches are on their way', async () => {
    const seen: unknown[] = []
    const failure = await rejectionOf(
      (async () => {
        for await (const item of each(at(lists, 'failingAfter')(700))) seen.push(item)
      })()
    )
    expect(failure).to.be.instanceOf(RangeError)
    expect(seen).to.deep.equal([...Array(700).keys()])
    await until(() => talk.host.connection.referenceCount === 0)
    await until(() => talk.space.connection.lent.size === 0)
    expect(talk.host.unseen).to.deep.equal([])
  })

  it('gives the items of an asynchronous iterator in order, whether it has them at once or not', async () => {
    expect(await all(at(lists, 'countLater')(1500))).to.deep.equal([...Array(1500).keys()])
    await until(() => talk.space.connection.lent.size === 0)
  })

  it('rejects what is no batch of items', async () => {
    const source = { then: undefined, pull: () => Promise.resolve({ items: [1], done: false }) }
    const iterator = new RemoteIterator(
      {
        ...source,
        then: (resolve: (value: unknown) => void) => resolve({ ...source, end: () => Promise.resolve() })
      },
      () => undefined
    )
    expect(await rejectionOf(iterator.next())).to.be.instanceOf(ProtocolViolation)
    expect(await iterator.next()).to.deep.equal({ done: true, value: undefined })
  })

  it('ends the iterator there when it is left before its end', async () => {
    for await (const item of each(at(lists, 'endless')())) {
      if (item === 100) break
    }
    expect(ended).to.equal(1)
    await until(() => talk.host.connection.referenceCount === 0)
    const chain = at(lists, 'endless')()
    const failure = (async () => {
      for await (const item of each(chain)) throw new Error(`left at a ${typeof item}`)
    })()
    expect(await rejectionOf(failure)).to.have.property('message', 'left at a number')
    expect(ended).to.equal(2)
  })

  it('gives the items before a failure, then fails, and is over', async () => {
    const iterator = each(at(lists, 'failing')())[Symbol.asyncIterator]()
    expect(await iterator.next()).to.deep.equal({ done: false, value: 1 })
    expect(await rejectionOf(iterator.next())).to.be.instanceOf(RangeError)
    expect(await iterator.next()).to.deep.equal({ done: true, value: undefined })
    await until(() => talk.host.connection.referenceCount === 0)
  })

  it('fails where there is nothing to iterate over', async () => {
    expect(await rejectionOf(all(at(lists, 'number')))).to.be.instanceOf(TypeError)
    expect(await rejectionOf(all(at(lists, 'missing', 'deeper')))).to.have.property(
      'code',
      'FUNCTION_NOT_FOUND'
    )
    expect(talk.host.unseen).to.deep.equal([])
    await wait(at(lists, 'list'))
  })
})

describe('An iteration of a host whose space has been taken over', () => {
  const unhandled: unknown[] = []
  const listen = (reason: unknown): void => void unhandled.push(reason)
  before(() => void process.on('unhandledRejection', listen))
  after(() => void process.off('unhandledRejection', listen))

  const sources = { 'a number': 0, 'an object of another kind': { end: 1 } }
  for (const [title, source] of Object.entries(sources)) {
    it(`fails, and nothing else does, when ${title} is to give its items`, async () => {
      const chain = {
        pull: () => Promise.reject(new RangeError('no luck')),
        then: (resolve: (value: unknown) => void) => resolve(source)
      }
      const iterator = new RemoteIterator(chain, () => {
        throw new TypeError('it cannot be released')
      })
      expect(await rejectionOf(iterator.next())).to.be.instanceOf(RangeError)
      for (let turns = 0; turns < 3; turns++) await new Promise(setImmediate)
      expect(unhandled).to.deep.equal([])
    })
  }
})
