import { createRequire } from 'node:module'
import { join } from 'node:path'
import { expect } from 'chai'
import { array, assert, asyncProperty, boolean } from 'fast-check'
import type { SpacePool } from '../../lib/space-pool.js'
import { packages } from '../spaces/fixtures.js'
import { crossingValue } from '../support/crossing-values.js'
import { destroyPools, newPool } from '../support/pools.js'
import { errorOf, rejectionOf } from '../support/rejections.js'
import { difference } from '../support/same-graph.js'

interface Values {
  kinds(): string[]
  make(kind: string): unknown
  makeError(kind: string): unknown
}
const values = createRequire(__filename)(join(packages, 'values')) as Values

/** Those that cannot cross; bad-input.test.ts has them. */
const cannotCross = ['symbol', 'promiseInside', 'weakMap', 'throwingGetter', 'function', 'functionInside']
describe('A value', () => {
  let pool: SpacePool

  before(async () => {
    pool = newPool()
    await pool.add(['values', 'plain-functions'])
  })
  after(destroyPools)

  for (const kind of values.kinds().filter((each) => !cannotCross.includes(each))) {
    it(`crosses with the meaning of structuredClone, there and back: ${kind}`, async () => {
      const here = values.make(kind)
      expect(difference(here, await pool.call('values', 'make', [kind]))).to.equal(undefined)
      if (kind !== 'deep') {
        expect(difference(here, await pool.call('values', 'echo', [here]))).to.equal(undefined)
      }
    })
  }

  it('of any shape crosses with the meaning of structuredClone', async () => {
    const lists = array(crossingValue({ like: 'structuredClone' }), { minLength: 1, maxLength: 6 })
    const property = asyncProperty(lists, async (list) => {
      const echo = await pool.call('values', 'echoAll', list)
      expect(difference(list, echo)).to.equal(undefined)
      expect(difference(structuredClone(list), echo)).to.equal(undefined)
    })
    await assert(property, { numRuns: 150 })
  })

  it('of any shape that spacepool adds crosses as well, be it sent at once or after a wait', async () => {
    const property = asyncProperty(crossingValue(), boolean(), async (value, idempotent) => {
      expect(difference(value, await pool.call('values', 'echo', [value], { idempotent }))).to.equal(
        undefined
      )
    })
    await assert(property, { numRuns: 150 })
  })

  it('may nest a thousand levels deep; one that is deeper is refused, and the space lives on', async () => {
    const nested = (levels: number): unknown => {
      let value: unknown = 'bottom'
      for (let level = 0; level < levels; level++) value = level % 2 === 0 ? { value } : [value]
      return value
    }
    // The array of the parameters is a level.
    expect(difference(nested(999), await pool.call('values', 'echo', [nested(999)]))).to.equal(undefined)
    for (const levels of [1000, 1001, 5000]) {
      for (const idempotent of [false, true]) {
        const call = pool.call('values', 'echo', [nested(levels)], { idempotent })
        await errorOf('ERR_SPACEPOOL_NOT_CLONEABLE', call)
      }
    }
    expect(pool.stats().spaces[0]).to.include({ generation: 1 })
  })

  it('is taken as it is at the time of the call', async () => {
    const value = { list: [1], inner: new Map([['key', 'before']]) }
    const answer = pool.call('plain-functions', 'echoLater', [value])
    value.list.push(2)
    value.inner.set('key', 'after')
    expect(await answer).to.deep.equal({ list: [1], inner: new Map([['key', 'before']]) })
  })

  it('that is binary and large arrives whole, beside small calls that do not wait for it', async () => {
    const bytes = Buffer.alloc(20 * 1024 * 1024)
    for (let place = 0; place < bytes.length; place += 4096) bytes.writeUInt32LE(place, place)
    const order: string[] = []
    const large = pool.call<Buffer>('values', 'echo', [bytes]).then((answer) => {
      order.push('large')
      return answer
    })
    const small = pool.call('values', 'echo', ['small']).then(() => order.push('small'))
    const [answer] = await Promise.all([large, small])
    expect(Buffer.isBuffer(answer)).to.equal(true)
    expect(answer.equals(bytes)).to.equal(true)
    expect(order).to.deep.equal(['small', 'large'])
  })

  it('that is a view crosses as its own bytes only', async () => {
    const whole = new Uint8Array(1000).fill(7)
    const part = await pool.call<Uint8Array>('values', 'echo', [whole.subarray(10, 20)])
    expect(part).to.deep.equal(new Uint8Array(10).fill(7))
    expect(part.buffer.byteLength).to.equal(10)
    expect(await pool.call('values', 'nameOfClass', [Buffer.from('x')])).to.equal('Buffer')
    expect(await pool.call('values', 'nameOfClass', [new Float32Array(2)])).to.equal('Float32Array')
  })

  it('keeps its cycles and shared parts', async () => {
    const shared = { name: 'shared' }
    const value: Record<string, unknown> = { left: shared, right: shared }
    value['self'] = value
    const answer = await pool.call<Record<string, unknown>>('values', 'echo', [value])
    expect(answer['self']).to.equal(answer)
    expect(answer['left']).to.equal(answer['right'])
    expect(await pool.call('values', 'isSame', [shared, shared])).to.equal(true)
  })
})

describe('An error', () => {
  let pool: SpacePool

  before(async () => {
    pool = newPool()
    await pool.add(['values', 'callbacks'])
  })
  after(destroyPools)

  const kinds = [
    'error',
    'typeError',
    'rangeError',
    'syntaxError',
    'custom',
    'withCode',
    'withCause',
    'fromSystem'
  ]
  for (const path of ['throwError', 'rejectError']) {
    for (const kind of kinds) {
      it(`crosses whole, ${path === 'throwError' ? 'thrown' : 'as a rejection'}: ${kind}`, async () => {
        const here = values.makeError(kind) as Error
        const error = (await rejectionOf(pool.call('values', path, [kind]))) as Error
        expect(error).to.be.instanceOf(structuredClone(here).constructor)
        expect({ ...error, name: error.name, message: error.message }).to.deep.equal({
          ...{ ...here, name: here.name, message: here.message }
        })
        expect(error.stack).to.match(/values[\\/]index\.js/)
      })
    }
  }

  it('keeps its causes, the errors that it holds, and a cycle', async () => {
    const outer = (await rejectionOf(pool.call('values', 'throwError', ['withCause']))) as Error
    expect(outer.cause).to.be.instanceOf(TypeError).and.include({ message: 'inner', cause: 'root' })
    const several = (await rejectionOf(pool.call('values', 'throwError', ['aggregate']))) as AggregateError
    expect(several).to.be.instanceOf(AggregateError)
    expect(several.errors.map((error: Error) => [error.constructor.name, error.message])).to.deep.equal([
      ['Error', 'one'],
      ['RangeError', 'two']
    ])
    const around = (await rejectionOf(pool.call('values', 'throwError', ['withCycle']))) as Error
    expect(around.cause).to.equal(around)
  })

  it('loses only the properties that cannot cross', async () => {
    const error = await rejectionOf(pool.call('values', 'throwError', ['withFunction']))
    expect(error).to.include({ message: 'carries a function', kept: 1 })
  })

  it('has the stack of its space, then that of the caller', async () => {
    async function whoCalls(): Promise<unknown> {
      return await pool.call('values', 'throwError', ['error'])
    }
    const error = (await rejectionOf(whoCalls())) as Error
    expect(error.stack).to.match(/values[\\/]index\.js.*in a space.*whoCalls/s)
  })

  it('that is a value, not thrown, crosses as well', async () => {
    const error = await pool.call<Error>('values', 'echo', [new RangeError('as a value')])
    expect(error).to.be.instanceOf(RangeError).and.have.property('message', 'as a value')
    const seen = new Promise((resolve) => {
      void pool.call('callbacks', 'errorFirstFailing', ['to a callback', resolve])
    })
    expect(await seen)
      .to.be.instanceOf(Error)
      .and.have.property('message', 'to a callback')
  })

  it('is the same whatever the program makes of stacks', async () => {
    const { prepareStackTrace } = Error
    const makers: NonNullable<typeof prepareStackTrace>[] = [
      (unused, frames) => frames,
      (unused, frames) => (frames[frames.length] as NodeJS.CallSite).getFileName()
    ]
    for (const maker of makers) {
      Error.prepareStackTrace = maker
      const failing = [pool.call('values', 'throwError', ['error']), pool.call('values', 'nowhere')]
      const [own, told] = await Promise.allSettled(failing).finally(() => {
        Error.prepareStackTrace = prepareStackTrace
      })
      expect(own).to.have.nested.property('reason.message', 'plain')
      expect(told).to.have.nested.property('reason.code', 'ERR_SPACEPOOL_FUNCTION_NOT_FOUND')
    }
  })

  it('of spacepool has the stack of the caller and no frames of spacepool', async () => {
    const ownPool = newPool()
    const set = await ownPool.add('values')
    const goneSet = await ownPool.add('plain-function')
    await goneSet.remove()
    const calls: [title: string, fail: () => unknown][] = [
      ['a call', () => ownPool.call('values', 'nowhere')],
      ['a call of a set', () => set.call('values', 'nowhere')],
      ['an addition', () => ownPool.add('is-installed-nowhere')],
      ['a wrong addition', () => ownPool.add('../x')],
      ['an addition to a set', () => set.add('is-installed-nowhere')],
      ['a reload', () => goneSet.reload()],
      ['an eviction', () => goneSet.evict()],
      ['a new pool', () => newPool({ restart: { period: 0 } })]
    ]
    for (const [title, fail] of calls) {
      async function whoCalls(): Promise<unknown> {
        return await fail()
      }
      const error = (await rejectionOf(whoCalls())) as Error
      expect(error.stack, title)
        .to.match(/^SpacePoolError: .*whoCalls/s)
        .and.not.match(/supervision|space-pool\.ts|options\.ts|wording/)
    }
    await ownPool.close()
  })
})
