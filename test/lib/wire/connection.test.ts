import { expect } from 'chai'
import fc from 'fast-check'
import { setImmediate as turn } from 'node:timers/promises'
import { pack } from '../../../lib/wire/packed.js'
import { Refusal } from '../../../lib/wire/refusal.js'
import { conversationOfEachTest, Sink, type Conversation } from '../../support/conversation.js'
import { collectUntil } from '../../support/garbage.js'
import { crossingValue } from '../../support/crossing-values.js'
import { difference } from '../../support/same-graph.js'
import { thrownBy } from '../../support/thrown-by.js'

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail('it was answered'),
    (error: unknown) => error
  )
}

describe('A connection', () => {
  let talk: Conversation
  conversationOfEachTest((begun) => (talk = begun))

  it('answers each request with its own result', async () => {
    const { host, space } = talk
    space.handle = async (value: number) => {
      for (let left = value % 5; left > 0; left--) await turn()
      return value * 2
    }
    const values = Array.from({ length: 500 }, (unused, place) => place)
    expect(await Promise.all(values.map((value) => host.call(value)))).to.deep.equal(
      values.map((value) => value * 2)
    )
    expect(host.connection.inFlight).to.equal(0)
  })

  it('carries any values there and back, many at a time', async () => {
    const { host } = talk
    const check = fc.asyncProperty(fc.array(crossingValue(), { maxLength: 8 }), async (values) => {
      const answers = await Promise.all(values.map((value) => host.callLater([value])))
      for (const [place, { value }] of answers.entries()) {
        expect(difference(values[place], value)).to.equal(undefined)
      }
    })
    await fc.assert(check, { numRuns: 150 })
  })

  it('carries what the function threw, be it an error or not', async () => {
    const { host, space } = talk
    class Broken extends TypeError {
      readonly code = 'BROKEN'
      override name = 'Broken'
    }
    space.handle = (thrown: unknown) => {
      throw thrown
    }
    const error = await rejection(host.call(new Broken('it broke', { cause: { deep: new Error('cause') } })))
    expect(error)
      .to.be.instanceOf(TypeError)
      .and.include({ name: 'Broken', message: 'it broke', code: 'BROKEN' })
    expect(((error as Error).cause as { deep: Error }).deep.message).to.equal('cause')
    for (const thrown of ['text', undefined, null, 5, { code: 1 }]) {
      expect(await rejection(host.call(thrown))).to.deep.equal(thrown)
    }
    space.handle = (thrown: unknown) => Promise.reject(thrown)
    expect(await rejection(host.call('late'))).to.equal('late')
  })

  it('tells in words what was thrown and cannot cross', async () => {
    const { host, space } = talk
    const thrown: unknown[] = [Symbol('s'), new WeakMap(), new Proxy({}, {}), Object.create(null)]
    for (const value of thrown) {
      space.handle = () => {
        throw value
      }
      const error = await host.call().catch((reason: unknown) => reason)
      if (value === thrown[3]) expect(error).to.deep.equal({})
      else expect(error).to.be.instanceOf(Error)
    }
    space.handle = () => {
      throw Object.assign(new Error('with a socket'), { symbol: Symbol('s'), run: () => {}, kept: 1 })
    }
    const error = await rejection(host.call())
    expect(error).to.be.instanceOf(Error).and.include({ message: 'with a socket', kept: 1 })
    expect(error).not.to.have.any.keys('symbol', 'run')
  })

  it('refuses parameters that cannot cross before anything is sent, and goes on', async () => {
    const { host, space } = talk
    const first = host.call({ fresh: 1 })
    const sink = new Sink()
    const target = { package: 'p', path: 'f' }
    for (let round = 0; round < 50; round++) {
      const parameters = [{ [`key${round}`]: { a: () => {} } }, { agent: Symbol('s') }]
      const refusal = thrownBy(() =>
        host.connection.request({ type: 'call', id: 0, target, parameters }, sink)
      )
      expect(refusal).to.be.instanceOf(Refusal).and.include({ code: 'NOT_CLONEABLE' })
      expect((refusal as Refusal).details['place']).to.equal('parameters[1].agent')
    }
    expect(await first).to.deep.equal({ fresh: 1 })
    expect(await host.call({ key0: { a: 2 } })).to.deep.equal({ key0: { a: 2 } })
    expect([sink.outcomes.length, space.messages.length]).to.deep.equal([0, 2])
    expect([host.connection.inFlight, host.connection.lent.size]).to.deep.equal([0, 0])
  })

  it('refuses a result that cannot cross, naming the place, and the other results arrive', async () => {
    const { host, space } = talk
    space.handle = (good: boolean) => ({ x: good ? 'good' : Symbol('s'), [`shape${good}`]: [{ good }] })
    const answers = await Promise.allSettled([true, false, true, false, true].map((good) => host.call(good)))
    for (const [place, answer] of answers.entries()) {
      if (place % 2 === 0) expect(answer).to.deep.include({ status: 'fulfilled' })
      else {
        expect(answer).to.deep.nested.include({
          'reason.code': 'NOT_CLONEABLE',
          'reason.details.place': 'result.x'
        })
      }
    }
  })

  it('tells the reason in words where a getter threw what cannot cross', async () => {
    const { host, space } = talk
    const thrown = Symbol('thrown by a getter')
    space.handle = () =>
      Object.defineProperty({}, 'x', {
        enumerable: true,
        get: () => {
          throw thrown
        }
      })
    const refusal = (await rejection(host.call())) as Refusal
    expect(refusal.details).to.include({ place: 'result.x', cause: 'Symbol(thrown by a getter)' })
  })

  it('carries parameters as they were when they were packed, functions too, as often as they are sent', async () => {
    const { host, space } = talk
    const heard: unknown[] = []
    const large = Buffer.alloc(100_000, 1)
    const parameters = [{ list: [1], tell: (word: unknown) => heard.push(word), large }]
    const packed = pack(parameters, 'parameters', 2 ** 28)
    parameters[0]?.list.push(2)
    space.handle = async (given: {
      list: number[]
      tell: (word: unknown) => Promise<unknown>
      large: Buffer
    }) => {
      await given.tell(given.list)
      return [given.list, given.large.length, given.large[99_999]]
    }
    for (let round = 0; round < 2; round++) {
      expect((await host.callLater(packed)).value).to.deep.equal([[1], 100_000, 1])
    }
    expect(heard).to.deep.equal([[1], [1]])
  })

  it('forgets a request that is cancelled, and tells when the other side has done so', async () => {
    const { host, space } = talk
    let finish = (): void => {}
    space.handle = () => new Promise<void>((resolve) => (finish = resolve))
    const [sink, done] = [new Sink(), new Sink()]
    const target = { package: 'p', path: 'f' }
    const id = host.connection.request({ type: 'call', id: 0, target, parameters: [] }, sink)
    await space.until(() => space.messages.length === 1)
    host.connection.cancel(id, done)
    expect(await done.answer()).to.deep.include({ kind: 'refused', code: 'CANCELED' })
    finish()
    space.handle = () => 'next'
    expect(await host.call()).to.equal('next')
    expect([sink.outcomes.length, done.outcomes.length, host.connection.inFlight]).to.deep.equal([0, 1, 0])
  })

  it('does not cancel another request when it is asked to cancel one that was answered', async () => {
    const { host } = talk
    const target = { package: 'p', path: 'f' }
    const [first, second, done] = [new Sink(), new Sink(), new Sink()]
    const id = host.connection.request({ type: 'call', id: 0, target, parameters: [1] }, first)
    await first.answer()
    host.connection.request({ type: 'call', id: 0, target, parameters: [2] }, second)
    host.connection.cancel(id, done)
    expect(await done.answer()).to.deep.equal({ kind: 'lost' })
    expect(await second.answer()).to.deep.equal({ kind: 'answered', value: 2 })
  })

  it('tells everything pending once that it is lost when it is closed, and everything later too', async () => {
    const { host, space } = talk
    space.handle = () => new Promise(() => {})
    const sinks = [1, 2, 3].map((value) => host.request([value]))
    await space.until(() => space.messages.length === 3)
    host.connection.close()
    host.connection.close()
    const late = host.request([4])
    expect(late.outcomes).to.deep.equal([])
    for (const sink of [...sinks, late]) expect(await sink.answer()).to.deep.equal({ kind: 'lost' })
    await space.until(() => space.endings.length === 1)
    await turn()
    expect(sinks.map((sink) => sink.outcomes.length)).to.deep.equal([1, 1, 1])
    expect([host.endings, space.endings]).to.deep.equal([[], [undefined]])
  })

  it('tells its owner once that the other side is gone, and what is pending waits for close', async () => {
    const { host, space, spaceChannel } = talk
    space.handle = () => new Promise(() => {})
    const sink = host.request([1])
    await space.until(() => space.messages.length === 1)
    spaceChannel.break()
    await host.until(() => host.endings.length > 0)
    const after = host.request([2])
    await turn()
    expect([sink.outcomes.length, after.outcomes.length, host.connection.isOpen]).to.deep.equal([0, 0, false])
    host.connection.close()
    expect([await sink.answer(), await after.answer()]).to.deep.equal([{ kind: 'lost' }, { kind: 'lost' }])
    expect([host.endings, space.endings]).to.deep.equal([[undefined], [undefined]])
  })

  it('handles what was sent before the end', async () => {
    const { host, space, spaceChannel } = talk
    space.handle = (value: unknown) => {
      setImmediate(() => spaceChannel.close())
      return value
    }
    expect(await host.call('last words')).to.equal('last words')
  })

  it('keeps nothing of what it carried', async () => {
    const { host, space } = talk
    const carried: WeakRef<object>[] = []
    const remember = <T extends object>(value: T): T => {
      carried.push(new WeakRef(value))
      return value
    }
    space.handle = (value: { inner: object; bytes: Buffer }) => {
      for (const part of [value, value.inner, value.bytes]) remember(part)
      // Small ones share memory that Node keeps.
      if (value.bytes.length > 10) remember(value.bytes.buffer)
      return remember({ bytes: remember(Buffer.alloc(value.bytes.length)) })
    }
    const exchange = async (size: number): Promise<void> => {
      const value = remember({ inner: {}, bytes: remember(Buffer.alloc(size)) })
      const answer = (await host.call(value)) as { bytes: Buffer }
      remember(answer)
      remember(answer.bytes)
      if (size > 10) remember(answer.bytes.buffer)
    }
    await exchange(10)
    await exchange(2_000_000)
    expect(() => host.request([remember({ last: Symbol('s') })])).to.throw(Refusal)
    expect(() => pack([remember({ last: Symbol('s') })], 'parameters', 2 ** 28)).to.throw(Refusal)
    pack([remember({ packed: true })], 'parameters', 2 ** 28)
    expect(carried).to.have.length(23)
    await collectUntil(() => carried.every((each) => each.deref() === undefined))
  })

  it('sends what a getter sends while it is read, before or after its own message but never within', async () => {
    const { host, space } = talk
    const nested: Promise<unknown>[] = []
    const value = {
      first: { fresh: 1 },
      get second(): string {
        nested.push(host.call({ from: 'getter' }), host.call(pack([1], 'parameters', 2 ** 28)))
        host.connection.flush()
        expect(() => host.request([Symbol('s')])).to.throw('NOT_CLONEABLE')
        return 'second'
      },
      third: { fresh: 3 }
    }
    for (let round = 0; round < 10; round++) {
      const plain = { first: { fresh: 1 }, second: 'second', third: { fresh: 3 } }
      expect(await host.call(value)).to.deep.equal(plain)
      expect((await host.callLater(pack([value], 'parameters', 2 ** 28))).value).to.deep.equal(plain)
    }
    for (const answer of await Promise.all(nested)) expect(answer).to.be.an('object')
    expect(space.messages.length).to.equal(20 + nested.length)
  })
})
