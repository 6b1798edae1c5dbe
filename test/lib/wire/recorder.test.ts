import { expect } from 'chai'
import { release } from '../../../lib/live.js'
import { STEPS_LIMIT } from '../../../lib/wire/recorder.js'
import { Refusal } from '../../../lib/wire/refusal.js'
import {
  at,
  liveConversation,
  wait,
  type Anything,
  type LiveConversation
} from '../../support/live-conversation.js'
import { rejectionOf } from '../../support/rejections.js'

class Counter {
  count = 0
  add(): this {
    this.count++
    return this
  }
}

describe('The recorder of chains', () => {
  let talk: LiveConversation
  let log: unknown[]
  let tools: Anything

  beforeEach(() => {
    log = []
    const note = (what: unknown): unknown => log.push(what)
    const fail = (): never => {
      throw new RangeError('no luck')
    }
    talk = liveConversation({ tools: { note, fail, Counter, echo: (...list: unknown[]) => list } })
    tools = talk.host.use('tools')
  })

  it('sends a chain as one request, and gets one reply for it', async () => {
    const { host, space } = talk
    const before = host.connection.heard
    const chain = at(at(at(new (at(tools, 'Counter'))(), 'add')(), 'add')(), 'count')
    expect(await chain).to.equal(2)
    expect(space.scripts).to.deep.equal([4])
    expect(host.connection.heard - before).to.equal(1)
    expect(host.connection.inFlight).to.equal(0)
  })

  it('sends all chains of a tick together, those that do not need each other as requests of their own', async () => {
    const { host, space } = talk
    const heard = space.connection.heard
    const chains = [1, 2, 3, 4, 5].map((value) => wait(at(tools, 'note')(value)))
    expect(host.scripts).to.equal(0)
    await Promise.all(chains)
    expect(space.scripts).to.deep.equal([1, 1, 1, 1, 1])
    expect(space.connection.heard - heard).to.equal(1)
    expect(log).to.deep.equal([1, 2, 3, 4, 5])
  })

  it('sends chains that alternate or need each other as one request', async () => {
    const { space } = talk
    const [left, right] = [new (at(tools, 'Counter'))(), new (at(tools, 'Counter'))()]
    at(left, 'add')()
    at(right, 'add')()
    const both = at(tools, 'echo')(at(left, 'count'), [right])
    await both
    expect(space.scripts).to.deep.equal([5])
  })

  it('sends nothing for what is only read, until it is awaited', async () => {
    const { host } = talk
    const read = at(tools, 'Counter', 'name')
    await new Promise(setImmediate)
    expect(host.scripts).to.equal(0)
    expect(await read).to.equal('Counter')
    expect(await read).to.equal('Counter')
    expect(host.scripts).to.equal(2)
  })

  it('sends a release after the steps that were written before it', async () => {
    const { host, space } = talk
    const counter = (await new (at(tools, 'Counter'))()) as Anything
    const added = at(at(counter, 'add')(), 'count')
    release(counter)
    release(counter)
    expect(await added).to.equal(1)
    expect([host.connection.referenceCount, space.connection.lent.size]).to.deep.equal([0, 0])
    expect(await rejectionOf(wait(at(counter, 'add')()))).to.include({ code: 'REFERENCE_RELEASED' })
    expect([host.endings, space.endings]).to.deep.equal([[], []])
  })

  it('fails what cannot be sent, and what goes on from that, which is told once', async () => {
    const { host } = talk
    at(at(tools, 'note')(Symbol('mine')), 'one')()
    const error = (await rejectionOf(wait(at(at(tools, 'note')(Symbol('awaited')), 'one')()))) as Refusal
    expect(error).to.be.instanceOf(Refusal).and.have.property('code', 'NOT_CLONEABLE')
    await new Promise(setImmediate)
    expect(host.unseen).to.have.length(1)
    expect(host.scripts).to.equal(0)
  })

  it('tells a failure that nobody asks for, once for each chain', async () => {
    const { host } = talk
    at(at(tools, 'fail')(), 'more')()
    at(tools, 'fail')()
    const released = at(tools, 'fail')()
    release(released)
    await at(tools, 'echo')()
    await new Promise(setImmediate)
    const messages = host.unseen.map((error) => (error as Error).message)
    expect(messages).to.deep.equal(['no luck', 'no luck', 'no luck'])
    expect(await rejectionOf(wait(released))).to.have.property('message', 'no luck')
  })

  it('refuses more steps that depend on each other than a chain may have', async () => {
    let chain = new (at(tools, 'Counter'))()
    for (let count = 1; count < STEPS_LIMIT; count++) chain = at(chain, 'add')()
    const more = at(chain, 'add')()
    const joined = at(tools, 'echo')(chain, chain)
    for (const long of [more, joined]) {
      const error = (await rejectionOf(wait(long))) as Refusal
      expect(error.details).to.include({ place: 'a chain', size: STEPS_LIMIT + 1, limit: STEPS_LIMIT })
    }
  })

  it('refuses what is at home elsewhere before it is sent', async () => {
    const other = liveConversation({ tools: { Counter } })
    const strange = await wait(new (at(other.host.use('tools'), 'Counter'))())
    const chain = (): Anything => new (at(other.host.use('tools'), 'Counter'))()
    const others = [
      () => strange,
      chain,
      () => other.host.use('tools'),
      () => ({ deep: [new Map([[1, strange]])] })
    ]
    for (const make of others) {
      const error = await rejectionOf(wait(at(tools, 'echo')(make())))
      expect(error).to.have.property('code', 'REFERENCE_ELSEWHERE')
    }
    expect(talk.host.scripts).to.equal(0)
  })

  it('refuses to go on from a chain that was sent, and from what is gone', async () => {
    const counter = new (at(tools, 'Counter'))()
    const used = at(counter, 'add')()
    const reference = (await used) as Anything
    for (const late of [at(counter, 'add')(), at(tools, 'echo')([counter]), counter]) {
      expect((await rejectionOf(wait(late)))?.constructor).to.have.property('name', 'ChainOver')
    }
    talk.host.connection.close()
    expect(await rejectionOf(wait(at(reference, 'add')()))).to.have.property('code', 'REFERENCE_RELEASED')
  })
})
