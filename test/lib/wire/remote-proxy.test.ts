import { expect } from 'chai'
import { inspect } from 'node:util'
import { copy, release } from '../../../lib/live.js'
import { Refusal } from '../../../lib/wire/refusal.js'
import {
  at,
  liveConversation,
  wait,
  type Anything,
  type LiveConversation
} from '../../support/live-conversation.js'
import { rejectionOf } from '../../support/rejections.js'

class Tool {
  disposed = 0
  readonly inner = { deep: (what: string) => `deep ${what}` }

  self(): this {
    return this
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.disposed++
    return Promise.resolve()
  }
}

class Failing {
  [Symbol.dispose](): void {
    throw new RangeError('not disposed')
  }
}

describe('The proxy of what is in the other process', () => {
  let talk: LiveConversation
  let tools: Anything
  const tool = new Tool()

  beforeEach(() => {
    talk = liveConversation({
      tools: {
        tool,
        give: () => tool,
        nothing: () => null,
        failing: () => new Failing(),
        adder: (left: number) => (right: number) => left + right,
        echo: (...list: unknown[]) => list
      }
    })
    tools = talk.host.use('tools')
  })

  it('has only what the language asks for as its own', async () => {
    const reference = await wait(at(tools, 'give')())
    expect([typeof reference, typeof tools, typeof at(tools, 'give')]).to.deep.equal([
      'object',
      'function',
      'function'
    ])
    const symbols = [Symbol.iterator, Symbol.toStringTag, Symbol.hasInstance, Symbol.species, Symbol('mine')]
    for (const symbol of symbols) expect(Reflect.get(reference as object, symbol)).to.equal(undefined)
    for (const proxy of [tools, reference, at(tools, 'tool')] as object[]) {
      expect(Reflect.get(proxy, Symbol.asyncIterator)).to.be.a('function')
    }
    expect([Symbol.dispose in tools, Reflect.get(tools, Symbol.dispose)]).to.deep.equal([false, undefined])
    expect(talk.host.scripts).to.equal(1)
  })

  it('is the same for the same thing as long as it is not released', async () => {
    const first = await wait(at(tools, 'give')())
    expect(await wait(at(first, 'self')())).to.equal(first)
    expect(await wait(at(tools, 'tool'))).to.equal(first)
    release(first)
    expect(await wait(at(tools, 'tool'))).not.to.equal(first)
  })

  it('is thenable for chains only', async () => {
    const reference = await wait(at(tools, 'give')())
    expect([Reflect.get(tools, 'then'), Reflect.get(reference as object, 'then')]).to.deep.equal([
      undefined,
      undefined
    ])
    expect(Reflect.get(at(tools, 'give'), 'then')).to.be.a('function')
    expect(Reflect.get(at(reference, 'inner'), 'then')).to.be.a('function')
    expect(await Promise.resolve(reference)).to.equal(reference)
  })

  it('of a function can be called, and is one there again', async () => {
    const add = (await at(tools, 'adder')(2)) as Anything
    expect(await add(3)).to.equal(5)
    const [there] = (await at(tools, 'echo')(add)) as [unknown]
    expect(there).to.equal(add)
  })

  it('is disposed of by the object itself, then released, though that fails', async () => {
    const reference = (await wait(at(tools, 'give')())) as AsyncDisposable
    await reference[Symbol.asyncDispose]()
    expect([tool.disposed, talk.host.connection.referenceCount]).to.deep.equal([1, 0])
    const failing = (await wait(at(tools, 'failing')())) as AsyncDisposable
    expect(await rejectionOf(wait(failing[Symbol.asyncDispose]()))).to.be.instanceOf(RangeError)
    expect(talk.host.connection.referenceCount).to.equal(0)
  })

  it('says what it stands for, and is not asked for more by those who look at it', async () => {
    const reference = await wait(at(tools, 'give')())
    expect([
      inspect(reference),
      inspect(at(tools, 'tool', 'inner')),
      inspect({ reference }, { depth: 9 })
    ]).to.deep.equal(['Remote <Tool>', 'Remote <tools.tool.inner>', '{ reference: Remote <Tool> }'])
    expect(JSON.stringify([reference, at(tools, 'tool')])).to.equal('["Remote <Tool>","Remote <tools.tool>"]')
    expect(`${String(reference)} ${Number(reference)}`).to.equal('Remote <Tool> NaN')
    expect(talk.host.scripts).to.equal(1)
  })

  it('has toJSON() of the object when that is called as a program calls it', async () => {
    talk.space.packages.set('dated', { toJSON: () => 'its own' })
    expect(await at(talk.host.use('dated'), 'toJSON')()).to.equal('its own')
  })

  it('cannot be changed', async () => {
    const reference = (await wait(at(tools, 'give')())) as object
    const changes = [
      () => Reflect.set(reference, 'inner', 1),
      () => Reflect.deleteProperty(reference, 'inner'),
      () => Object.defineProperty(reference, 'inner', { value: 1 }),
      () => Object.freeze(reference),
      () => Object.setPrototypeOf(reference, null) as unknown,
      () => Reflect.set(tools, 'tool', 1)
    ]
    for (const change of changes) expect(change).to.throw(TypeError)
    expect(Object.isExtensible(reference)).to.equal(true)
  })

  it('cannot be extended: the class that does would not run', async () => {
    talk.space.packages.set('classes', { Tool })
    const Base = at(talk.host.use('classes'), 'Tool') as unknown as new () => object
    class Better extends Base {}
    expect(() => new Better()).to.throw(TypeError, /Remote <classes\.Tool> is in another process.*extended/)
    expect(() => Reflect.construct(Base, [], Better) as unknown).to.throw(TypeError)
    expect(await wait(new Base() as PromiseLike<unknown>)).to.be.an('object')
  })

  it('can be copied, and released before it is there', async () => {
    expect(await copy(at(tools, 'tool', 'inner'))).to.have.property('deep')
    const chain = at(tools, 'give')()
    release(chain)
    for (const nothing of ['nothing', 'missing']) release(at(tools, nothing, 'here'))
    const noObject = at(tools, 'nothing')()
    release(noObject)
    await Promise.all([chain, noObject])
    await wait(at(tools, 'echo')())
    expect(talk.host.connection.referenceCount).to.equal(0)
  })

  it('cannot be given where values cross only by value', async () => {
    const reference = await wait(at(tools, 'give')())
    const error = (await rejectionOf(talk.host.call({ reference }))) as Refusal
    expect(error).to.be.instanceOf(Refusal).and.have.property('code', 'NOT_CLONEABLE')
  })
})

describe('What the host gives to a space', () => {
  it('is used there as what it is: functions give promises, objects are proxies', async () => {
    const results: unknown[] = []
    const { host, space } = liveConversation({
      tools: {
        async use(given: Anything, callback: (value: number) => Promise<number>) {
          results.push(await callback(1), await at(given, 'self')(), typeof callback, inspect(given))
          return given
        }
      }
    })
    const tool = new Tool()
    expect(await at(host.use('tools'), 'use')(tool, (value: number) => value + 1)).to.equal(tool)
    expect(results[0]).to.equal(2)
    expect(results.slice(2)).to.deep.equal(['function', 'Remote <Tool>'])
    expect(inspect(results[1])).to.equal('Remote <Tool>')
    expect(host.connection.lent.size).to.equal(2)
    expect(space.endings).to.deep.equal([])
  })
})
