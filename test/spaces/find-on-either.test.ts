import { EventEmitter } from 'node:events'
import { expect } from 'chai'
import { bothSides, findOnEither, type TwoSided } from '../../spaces/find-on-either.js'
import { refusalOf } from './fixtures.js'

class Feed extends EventEmitter {
  static readonly kind = 'feed'
  private readonly title = 'a feed'

  static describe(): string {
    return `static ${this.kind}`
  }

  describe(): string {
    return this.title
  }

  name(): string {
    return `name of ${this.title}`
  }
}

describe('A package that is both as exported and as an instance', () => {
  it('has the functions of its export, which come first when they are its own', async () => {
    expect(await resultOf(Feed, 'describe')).to.equal('static feed')
  })

  it('has the functions of its instance', async () => {
    const listener = () => {}
    const sides = await sidesOf(Feed)
    const { target, receiver } = findOnEither(sides, 'feed', ['on'])
    expect(Reflect.apply(target, receiver, ['data', listener])).to.be.an.instanceOf(Feed)
    expect(Reflect.apply(findOnEither(sides, 'feed', ['listenerCount']).target, receiver, ['data'])).to.equal(
      1
    )
  })

  it('has those of its instance also where the export has a property of that name that is no function', async () => {
    expect(await resultOf(Feed, 'name')).to.equal('name of a feed')
  })

  it('has what its export inherits where the instance has nothing of that name', async () => {
    expect(await resultOf(Feed, 'getMaxListeners')).to.equal(EventEmitter.defaultMaxListeners)
    class Base {
      static inherited(): string {
        return this.name
      }
    }
    expect(await resultOf(class Derived extends Base {}, 'inherited')).to.equal('Derived')
  })

  it('has the named exports of a module, the properties of its default export, and those of the instance', async () => {
    const exported = { __esModule: true, default: Feed, version: () => '1.2.3' }
    expect(await resultOf(exported, 'version')).to.equal('1.2.3')
    expect(await resultOf(exported, 'describe')).to.equal('static feed')
    expect(await resultOf(exported, 'name')).to.equal('name of a feed')
  })

  it('is called itself where its instance cannot be called', async () => {
    const double = (value = 1): number => value * 2
    expect(await resultOf(double, '', [21])).to.equal(42)
    const maker = () => () => 'made'
    expect(await resultOf(maker, '')).to.equal('made')
  })

  it('is only its export where an instance cannot be made without parameters', async () => {
    class Client {
      static version(): string {
        return '3'
      }

      constructor(options: { url: string }) {
        if (options.url === '') throw new Error('no address')
      }

      connect(): void {}
    }
    expect(await resultOf(Client, 'version')).to.equal('3')
    const sides = await sidesOf(Client)
    const { code, details } = await refusalOf(() => findOnEither(sides, 'client', ['connect']))
    expect(code).to.equal('FUNCTION_NOT_FOUND')
    expect(details['cause']).to.be.an.instanceOf(TypeError)
  })

  it('waits for the instance of an asynchronous factory', async () => {
    const factory = async () => ({ greet: () => 'hello' })
    expect(await resultOf(factory, 'greet')).to.equal('hello')
  })

  it('refuses what neither side has, and what no path may name', async () => {
    for (const path of [['none'], ['constructor'], ['prototype', 'describe'], ['__proto__'], ['toString']]) {
      const sides = await sidesOf(Feed)
      expect((await refusalOf(() => findOnEither(sides, 'feed', path))).code).to.equal('FUNCTION_NOT_FOUND')
    }
  })

  it('passes on what a getter throws', async () => {
    const exported = Object.defineProperty(() => ({}), 'broken', {
      get: () => {
        throw new Error('broken')
      }
    })
    const sides = await sidesOf(exported)
    expect(() => findOnEither(sides, 'broken', ['broken'])).to.throw('broken')
  })

  it('does not exist where no function is exported', async () => {
    expect(await bothSides({ add: () => 1 }, 'object')).to.equal(undefined)
  })
})

async function sidesOf(exported: unknown): Promise<TwoSided> {
  const sides = await bothSides(exported, 'package')
  if (sides === undefined) throw new Error('it has one side only')
  return sides
}

async function resultOf(exported: unknown, path: string, parameters: unknown[] = []): Promise<unknown> {
  const segments = path === '' ? [] : path.split('.')
  const { target, receiver } = findOnEither(await sidesOf(exported), 'package', segments)
  return Reflect.apply(target, receiver, parameters)
}
