import { expect } from 'chai'
import { setImmediate as turn } from 'node:timers/promises'
import { Refusal } from '../../../lib/wire/refusal.js'
import { conversationOfEachTest, type Conversation } from '../../support/conversation.js'
import { collectUntil } from '../../support/garbage.js'

type Callback = (...parameters: unknown[]) => Promise<unknown>

const MIB = 1024 * 1024

describe('A function that crosses', () => {
  let talk: Conversation
  const start = conversationOfEachTest((begun) => (talk = begun))

  it('is called where it lives, from any depth, and answers with its result', async () => {
    const { host, space } = talk
    space.handle = async ({ on, list }: { on: Map<string, { run: Callback }>; list: Callback[] }) => {
      return [await on.get('key')?.run(1, { two: 2 }), await list[0]?.('x')]
    }
    const on = new Map([['key', { run: (...given: unknown[]) => given }]])
    const answer = host.call({ on, list: [async (given: unknown) => Promise.resolve(given)] })
    expect(await answer).to.deep.equal([[1, { two: 2 }], 'x'])
    expect(host.invocations).to.equal(2)
  })

  it('has the length and the name of the original', async () => {
    const { host, space } = talk
    space.handle = (...given: Callback[]) => given.map(({ length, name }) => [length, name])
    const noName = Object.defineProperties(() => {}, { length: { value: 'x' }, name: { value: {} } })
    const long = Object.defineProperties(() => {}, {
      length: { value: 1000 },
      name: { value: 'n'.repeat(1000) }
    })
    const answer = await host.call(
      function done(error: unknown, result: unknown) {
        return [error, result]
      },
      noName,
      long
    )
    expect(answer).to.deep.equal([
      [2, 'done'],
      [0, ''],
      [255, 'n'.repeat(255)]
    ])
  })

  it('is the same stand-in as long as it is held, and comes home as a stand-in', async () => {
    const { host, space } = talk
    const held: unknown[] = []
    space.handle = (...given: unknown[]) => {
      held.push(...given)
      return [new Set(held).size, given[0]]
    }
    const callback = (): string => 'mine'
    expect(await host.call(callback, callback)).to.have.property('0', 1)
    const [count, home] = (await host.call(callback)) as [number, Callback]
    expect([count, host.connection.lent.size]).to.deep.equal([1, 1])
    expect(await home()).to.equal('mine')
  })

  it('is called in order, also when some calls carry large buffers, and before the result arrives', async () => {
    const { host, space } = talk
    const heard: number[] = []
    space.handle = (tell: Callback) => {
      for (let place = 0; place < 60; place++) {
        void tell(place, place % 7 === 3 ? Buffer.alloc(MIB + place) : 'small')
      }
      return 'done'
    }
    const tell = (place: number, load: Buffer | string): void => {
      expect(load.length).to.equal(place % 7 === 3 ? MIB + place : 5)
      heard.push(place)
    }
    expect(await host.call(tell)).to.equal('done')
    expect(heard).to.deep.equal(Array.from({ length: 60 }, (unused, place) => place))
  })

  it('is not overtaken by a result that comes later than its calls', async () => {
    const { host, space } = talk
    const heard: string[] = []
    space.handle = async (tell: Callback) => {
      void tell('large', Buffer.alloc(3 * MIB))
      await turn()
      void tell('small')
      return { tell }
    }
    const result = await host.call((word: string) => void heard.push(word))
    expect(heard).to.deep.equal(['large', 'small'])
    expect(result).to.have.property('tell').that.is.a('function')
  })

  it('may be handed back and forth, as done and next are', async () => {
    const { host, space } = talk
    const heard: string[] = []
    space.handle = async (middleware: Callback) => {
      const next = (word: string, further: Callback): unknown => {
        heard.push(word)
        return further(`${word}!`, (last: string) => heard.push(last))
      }
      return middleware('request', next)
    }
    const middleware: Callback = async (request, next) => {
      const further: Callback = async (word, last) => {
        await (last as Callback)(`${String(word)}?`)
        return 'through'
      }
      return (next as Callback)(request, further)
    }
    expect(await host.call(middleware)).to.equal('through')
    expect(heard).to.deep.equal(['request', 'request!?'])
  })

  it('may throw, reject, or return what cannot cross: its caller is told and so is its owner', async () => {
    const { host, space } = talk
    const caught: unknown[] = []
    space.handle = async (...callbacks: Callback[]) => {
      for (const callback of callbacks) await callback().catch((error: unknown) => caught.push(error))
    }
    const thrown = new RangeError('thrown')
    await host.call(
      () => {
        throw thrown
      },
      () => Promise.reject(new Error('rejected')),
      () => Symbol('s')
    )
    expect(caught.map((error) => (error as Error).message)).to.deep.equal([
      'thrown',
      'rejected',
      'NOT_CLONEABLE'
    ])
    expect(caught[0]).to.be.instanceOf(RangeError)
    expect(host.failures[0]).to.equal(thrown)
    expect(host.failures).to.have.length(3)
    expect(host.failures[2]).to.deep.nested.include({ code: 'NOT_CLONEABLE', 'details.place': 'result' })
  })

  it('is answered in any mixture of ways, to each call its own', async () => {
    const { host, space } = talk
    space.handle = async (callback: Callback, count: number) => {
      const calls = Array.from({ length: count }, (unused, place) => callback(place))
      return (await Promise.allSettled(calls)).map((result) =>
        result.status === 'fulfilled' ? result.value : (result.reason as Error).message
      )
    }
    const ways: ((place: number) => unknown)[] = [
      () => undefined,
      (place) => place,
      async () => Promise.resolve(),
      async (place) => Promise.resolve(place),
      (place) => turn(place),
      (place) => {
        throw new Error(`thrown ${place}`)
      },
      (place) => Promise.reject(new Error(`rejected ${place}`)),
      (place) => ({ place, then: undefined }),
      async (place) => Promise.reject(new Error(`later ${await turn(place)}`))
    ]
    const wayOf = (place: number): number => (place * place + (place >> 3)) % ways.length
    const answers = [
      ...[() => undefined, (place: number) => place, () => undefined, (place: number) => place],
      ...[(place: number) => place, (place: number) => `thrown ${place}`],
      ...[(place: number) => `rejected ${place}`, (place: number) => ({ place, then: undefined })],
      (place: number) => `later ${place}`
    ]
    const expected = Array.from({ length: 2000 }, (unused, place) => answers[wayOf(place)]?.(place))
    expect(await host.call((place: number) => ways[wayOf(place)]?.(place), 2000)).to.deep.equal(expected)
    expect(space.connection.inFlight).to.equal(0)
  })

  it('is answered for many calls at once when they return nothing, or a promise of it', async () => {
    for (const callback of [(): void => undefined, async (): Promise<void> => Promise.resolve()]) {
      const { host, space, hostChannel } = start()
      space.handle = async (tell: Callback) => {
        for (let place = 0; place < 10_000; place++) void tell(place)
        return tell('last')
      }
      let bytes = 0
      const { write } = hostChannel
      hostChannel.write = (...written) => {
        bytes += written[0].length
        return Reflect.apply(write, hostChannel, written)
      }
      await host.call(callback)
      expect(host.invocations).to.equal(10_001)
      expect(bytes).to.be.below(2000)
    }
  })

  it('is answered before what is told after it to a function of the other side', async () => {
    const { host, space } = talk
    const heard: string[] = []
    space.handle = async (run: Callback) => {
      const tell = (word: string): void => void heard.push(word)
      await Promise.all([run(tell, 'a').then(() => heard.push('a is over')), run(tell, 'b')])
    }
    await host.call((tell: Callback, word: string) => void tell(word))
    expect(heard).to.deep.equal(['a', 'b', 'a is over'])
  })

  it('may be called by a getter among the parameters of another call, also of one that is refused', async () => {
    const { host, space } = talk
    const heard: unknown[] = []
    space.handle = async (tell: Callback) => {
      const calls: Promise<unknown>[] = []
      const telling = (value: unknown): object => ({
        get inner() {
          calls.push(tell('inner'))
          return value
        }
      })
      calls.push(tell(telling(1)), tell(telling(Buffer.alloc(MIB))), tell(telling(Symbol('s'))), tell('last'))
      return (await Promise.allSettled(calls)).map(({ status }) => status)
    }
    const statuses = await host.call((given: unknown) => void heard.push(given))
    expect((statuses as string[]).sort()).to.deep.equal([
      ...Array.from({ length: 6 }, () => 'fulfilled'),
      'rejected'
    ])
    expect(heard.filter((given) => given === 'inner')).to.have.length(3)
    expect(heard.at(-1)).to.equal('last')
    expect(space.connection.inFlight).to.equal(0)
  })

  it('may return a thenable of any kind, also one that throws', async () => {
    const { host, space } = talk
    space.handle = async (callback: Callback) => callback().catch((error: unknown) => [String(error)])
    const throwing = (key: string, target: object): object =>
      Object.defineProperty(target, key, {
        get: () => {
          throw new Error(`no ${key}`)
        }
      })
    expect(await host.call(() => ({ then: (resolve: (value: number) => void) => resolve(5) }))).to.equal(5)
    expect(await host.call(() => throwing('then', {}))).to.deep.equal(['Error: no then'])
    expect(await host.call(() => throwing('constructor', Promise.resolve(6)))).to.deep.equal([
      'Error: no constructor'
    ])
  })

  it('is not called when an argument cannot cross: its caller is told, and the owner of that side', async () => {
    const { host, space } = talk
    space.handle = async (tell: Callback) => {
      const refusal = (await tell({ a: [Symbol('s')] }).catch((error: unknown) => error)) as Refusal
      void tell(Symbol('ignored'))
      return [refusal.code, refusal.details['place'], await tell('good')]
    }
    expect(await host.call((value: unknown) => value)).to.deep.equal([
      'NOT_CLONEABLE',
      'parameters[0].a[0]',
      'good'
    ])
    expect(space.troubles.map(({ code }) => code)).to.deep.equal(['NOT_CLONEABLE', 'NOT_CLONEABLE'])
    expect(host.invocations).to.equal(1)
  })

  it('rejects when the connection ends before it answered, and afterwards; nobody has to listen', async () => {
    const { host, space } = talk
    let kept: Callback | undefined
    space.handle = (callback: Callback) => void (kept = callback)
    await host.call(() => new Promise(() => {}))
    const pending = kept?.()
    void kept?.()
    await host.until(() => host.invocations === 2)
    space.connection.close()
    const reasons = await Promise.allSettled([pending, kept?.()])
    for (const reason of reasons) expect(reason).to.have.nested.property('reason.code', 'REFERENCE_RELEASED')
  })

  it('is released when the other side does not hold it any more', async () => {
    const { host, space } = talk
    space.handle = async (callback: Callback, twice: Callback[]) => [await callback(1), twice.length]
    for (let round = 0; round < 3; round++) {
      const callback = (value: number): number => value
      expect(await host.call(callback, [callback, () => {}])).to.deep.equal([1, 2])
    }
    expect(host.connection.lent.size).to.equal(6)
    await collectUntil(() => host.releases === 6)
    expect(host.connection.lent.size).to.equal(0)
  })

  it('stays lent when it is sent again while its release is under way', async () => {
    const { host, space } = talk
    const callback = (value: unknown): unknown => value
    space.handle = async (run: Callback, value: unknown) => run(value)
    await host.call(callback, 0)
    const collected = collectUntil(() => host.releases > 0)
    for (let round = 1; host.releases === 0; round++) {
      expect(await host.call(callback, round)).to.equal(round)
      await turn()
    }
    await collected
    expect(await host.call(callback, 'last')).to.equal('last')
  })

  it('is not released before a call of it has arrived that takes long', async () => {
    const { host, space } = talk
    space.handle = (callback: Callback) => {
      void callback(Buffer.alloc(40 * MIB))
      return undefined
    }
    const heard: number[] = []
    await host.call((buffer: Buffer) => void heard.push(buffer.length))
    await collectUntil(() => host.releases === 1)
    expect(heard).to.deep.equal([40 * MIB])
  })

  it('is one of a limited number; beyond it the call is refused and nothing is lent', async () => {
    const { host, space } = start({ maxCallbacks: 100 })
    const held: unknown[] = []
    space.handle = (...given: unknown[]) => held.push(...given)
    const functions = (count: number): unknown[] => Array.from({ length: count }, () => () => {})
    await host.call(...functions(90))
    const refusal = (): unknown => host.request(functions(11))
    expect(refusal).to.throw(Refusal, 'TOO_MANY_CALLBACKS').with.deep.property('details', { limit: 100 })
    expect(host.connection.lent.size).to.equal(90)
    expect(await host.call(...functions(10))).to.equal(100)
    held.length = 0
    await collectUntil(() => host.connection.lent.size === 0)
    expect(await host.call(...functions(100))).to.equal(100)
  })

  it('makes its owner ask for collection when many are lent, not within a message and not at each', async () => {
    const { host, space } = start({ maxCallbacks: 1000 })
    const held: unknown[] = []
    space.handle = (...given: unknown[]) => held.push(...given)
    for (let place = 0; place < 1000; place++) await host.call(() => place)
    expect(held).to.have.length(1000)
    expect(host.alarms).to.be.within(3, 5)
    expect(space.messages.filter(({ type }) => type === 'collect')).to.have.length(host.alarms)
  })

  it('is refused in a loop that the other side does not take, and its owner is told once', async () => {
    const { host, space } = start({ maxBytes: MIB, capacity: 100_000 })
    space.handle = async (tell: Callback) => {
      const load = 'x'.repeat(60_000)
      const outcomes = Array.from({ length: 1400 }, () =>
        tell(load).catch((error: unknown) => (error as Refusal).code)
      )
      const answers = await Promise.all(outcomes)
      return answers.map((answer) => answer === 'QUEUE_FULL')
    }
    let heard = 0
    const answers = (await host.call(() => void heard++)) as boolean[]
    const refused = answers.filter((answer) => answer).length
    expect(heard + refused).to.equal(1400)
    expect(refused).to.be.within(150, 350)
    expect(answers.indexOf(true)).to.equal(heard)
    expect(space.troubles.map(({ code }) => code)).to.deep.equal(['QUEUE_FULL'])
  })

  it('may be told something large and then go on', async () => {
    const { host, space } = start({ maxBytes: 100 * MIB, capacity: MIB })
    space.handle = async (tell: Callback) =>
      Promise.all([tell(Buffer.alloc(90 * MIB)), tell('next'), tell('last')])
    expect(await host.call((load: Buffer | string) => load.length)).to.deep.equal([90 * MIB, 4, 4])
  })

  it('is called quickly many times behind one large call', async () => {
    const { host, space } = talk
    const heard: unknown[] = []
    space.handle = async (tell: Callback) => {
      const told = [tell(Buffer.alloc(MIB))]
      for (let place = 0; place < 20_000; place++) told.push(tell(place))
      await Promise.all(told)
    }
    await host.call((value: unknown) => void heard.push(value))
    expect(heard).to.have.length(20_001)
    expect(heard[20_000]).to.equal(19_999)
  })
})
