import { expect } from 'chai'
import { instantiate } from '../../spaces/instantiate.js'
import { loadPackage } from '../../spaces/load-package.js'
import { packages, refusalOf } from './fixtures.js'

const load = (name: string) => loadPackage({ name, paths: [packages] })
const made = async (name: string, ...parameters: unknown[]) =>
  (await instantiate(await load(name), parameters, name)) as Record<string, () => unknown>

describe('instantiating a package', () => {
  it('constructs a class', async () => {
    const counter = await made('class-with-state', 5)
    expect(counter).to.be.an.instanceof(await load('class-with-state'))
    expect(counter['increment']?.()).to.equal(6)
  })

  it('calls what is no constructor: arrow functions, async functions, methods, builtins', async () => {
    expect((await made('factory-function', 'you'))['greet']?.()).to.equal('hello you')
    expect((await made('async-factory', 'you'))['greet']?.()).to.equal('hello you')
    const { method } = { method: (...parameters: unknown[]) => parameters }
    expect(instantiate(method, [1, 2], 'package')).to.deep.equal([1, 2])
    expect(instantiate(method.bind(undefined), [3], 'package')).to.deep.equal([3])
    expect(instantiate(Math.max, [1, 7, 3], 'package')).to.equal(7)
  })

  it('constructs functions of the older kind, bound classes and proxies of classes', () => {
    function Older(this: { name: string }, name: string) {
      this.name = name
    }
    class Newer {
      constructor(readonly name: string) {}
    }
    expect(instantiate(Older, ['a'], 'package'))
      .to.be.an.instanceof(Older)
      .with.property('name', 'a')
    expect(instantiate(Newer.bind(null), ['b'], 'package'))
      .to.be.an.instanceof(Newer)
      .with.property('name', 'b')
    expect(instantiate(new Proxy(Newer, {}), ['c'], 'package')).to.be.an.instanceof(Newer)
  })

  it('runs it once, with the parameters as they are', () => {
    const seen: unknown[][] = []
    const instance = instantiate(
      class {
        constructor(...parameters: unknown[]) {
          seen.push(parameters)
        }
      },
      ['a', undefined],
      'package'
    )
    expect(instance).to.be.an('object')
    expect(seen).to.deep.equal([['a', undefined]])
    instantiate((...parameters: unknown[]) => seen.push(parameters), [], 'package')
    expect(seen).to.have.length(2)
  })

  it('does not look at the prototype of what it calls', () => {
    const factory = new Proxy(() => 'made', {
      get() {
        throw new Error('looked at')
      }
    })
    expect(instantiate(factory, [], 'package')).to.equal('made')
  })

  it('takes the default export of an ES module, and of CommonJS compiled from one', async () => {
    expect((await made('esm-default-class', 'you'))['greet']?.()).to.equal('hello you')
    expect((await made('commonjs-default-export', 'you'))['greet']?.()).to.equal('hello you')
    expect(await made('esm-default-function', 'you')).to.equal('hello you')
  })

  it('keeps what exports no function', async () => {
    for (const name of ['plain-functions', 'esm-only', 'esm-default-object', 'emits-events']) {
      expect(instantiate(await load(name), ['ignored'], name)).to.equal(await load(name))
    }
    for (const value of [1, 'text', null, undefined, { default: () => 'no ES module' }]) {
      expect(instantiate(value, [], 'package')).to.equal(value)
    }
  })

  it('refuses with what the constructor or the factory threw', async () => {
    const wrong = await refusalOf(() => made('class-with-state', 'text'))
    expect(wrong.code).to.equal('PACKAGE_LOAD_FAILED')
    expect(wrong.details).to.include({ package: 'class-with-state' })
    expect(wrong.details['cause'])
      .to.be.an.instanceof(TypeError)
      .with.property('message', 'start is no number')

    const failed = await refusalOf(() => made('factory-function', 'tea', { fail: true }))
    expect(failed.details['cause']).to.be.an('error').with.property('message', 'no tea today')
  })

  it('refuses with what an async factory rejected with', async () => {
    const refusal = await refusalOf(() => made('async-factory', 'tea', { fail: true }))
    expect(refusal.code).to.equal('PACKAGE_LOAD_FAILED')
    expect(refusal.details).to.include({ package: 'async-factory' })
    expect(refusal.details['cause']).to.be.an('error').with.property('message', 'no tea today')
  })
})
