import { expect } from 'chai'
import { handleOf, Root, type Destination } from '../../../lib/wire/chain.js'
import { keepPlace, PLACE, placeOfProxy, tellPlace } from '../../../lib/wire/handles.js'
import { proxyOfRoot } from '../../../lib/wire/remote-proxy.js'
import { at, type Anything } from '../../support/live-conversation.js'

const destination: Destination = {
  ...{ lane: {}, maxBytes: 1000 },
  ...{ submit: () => undefined, errorFor: (problem: unknown) => problem, unobserved: () => undefined }
}
const root = proxyOfRoot(new Root('tools', destination)) as Anything
const chain = at(root, 'tool', 'inner') as unknown as object

describe('What a proxy stands for', () => {
  it('is known of packages and of chains', () => {
    expect(handleOf(root)?.path).to.deep.equal([])
    expect(handleOf(chain)?.path).to.deep.equal(['tool', 'inner'])
    const call = at(root, 'give')()
    expect(handleOf(call)?.base).to.have.property('kind', 'step')
    expect(handleOf(at(call, 'name'))?.path).to.deep.equal(['name'])
  })

  it('is nothing for other things, of which only a Proxy of a function is read, under one symbol', () => {
    const read: unknown[] = []
    const get = (target: object, key: unknown): number => read.push(key)
    const others = [{}, [], () => 1, new Proxy({}, { get }), new Proxy([], { get }), new Map()]
    for (const other of others) expect(placeOfProxy(other)).to.equal(undefined)
    expect(read).to.deep.equal([])
    expect(placeOfProxy(new Proxy(() => 1, { get }))).to.equal(undefined)
    expect(read).to.deep.equal([PLACE])
  })

  it('is nothing for a Proxy that throws, or was revoked', () => {
    const get = (): never => {
      throw new RangeError('read')
    }
    expect(placeOfProxy(new Proxy(() => 1, { get }))).to.equal(undefined)
    const { proxy, revoke } = Proxy.revocable(() => 1, {})
    revoke()
    expect(placeOfProxy(proxy)).to.equal(undefined)
  })

  it('cannot be given to a Proxy around it', () => {
    const wraps: ProxyHandler<object>[] = [
      {},
      { get: (target, key) => Reflect.get(chain, key) as unknown },
      { get: (target, key, receiver) => Reflect.get(chain, key, receiver) as unknown },
      { get: () => placeOfProxy(chain) },
      { get: () => tellPlace(chain, {}) }
    ]
    for (const handler of wraps) expect(placeOfProxy(new Proxy(chain, handler))).to.equal(undefined)
    expect(handleOf(chain)?.path).to.deep.equal(['tool', 'inner'])
  })

  it('is not told to those who read that symbol', () => {
    expect(Reflect.get(chain, PLACE)).to.equal(undefined)
    expect(Reflect.get(root, PLACE)).to.equal(undefined)
  })

  it('can be kept by anything', () => {
    const [thing, place] = [{}, {}]
    keepPlace(thing, place)
    expect(placeOfProxy(thing)).to.equal(place)
  })
})
