import { expect } from 'chai'
import { findFunction } from '../../../lib/wire/find-function.js'
import { instantiate } from '../../../spaces/instantiate.js'
import { loadPackage } from '../../../spaces/load-package.js'
import { packages, refusalOf } from '../../spaces/fixtures.js'

const load = (name: string) => loadPackage({ name, paths: [packages] })
const segmentsOf = (path: string) => (path === '' ? [] : path.split('.'))

const call = (root: unknown, path: string, ...parameters: unknown[]): unknown => {
  const { target, receiver } = findFunction(root, 'package', segmentsOf(path))
  return Reflect.apply(target, receiver, parameters)
}
const refusal = (root: unknown, path: string) =>
  refusalOf(() => findFunction(root, 'package', segmentsOf(path)))

describe('finding a function of a package', () => {
  let plain: Record<string, unknown>
  let dangerous: Record<string, unknown>

  before(async () => {
    plain = (await load('plain-functions')) as Record<string, unknown>
    dangerous = (await load('dangerous')) as Record<string, unknown>
  })

  describe('that is there', () => {
    it('takes own properties, at any depth', () => {
      expect(call(plain, 'add', 1, 2)).to.equal(3)
      expect(call(plain, 'strings.deeper.lower', 'ABC')).to.equal('abc')
    })

    it('keeps the object before the last segment as `this`', () => {
      const { receiver } = findFunction(plain, 'package', ['counter', 'next'])
      expect(receiver).to.equal(plain['counter'])
      const before = call(plain, 'counter.next') as number
      expect(call(plain, 'counter.next')).to.equal(before + 1)
    })

    it('takes entries of arrays', () => {
      expect(call(plain, 'list.1')).to.equal('second')
    })

    it('takes properties of functions', async () => {
      expect(call(await load('plain-function'), 'loudly', 'you')).to.equal('HELLO you')
    })

    it('finds what was added, and no longer what was removed', async () => {
      const root: Record<string, unknown> = { first: () => 1 }
      expect(call(root, 'first')).to.equal(1)
      root['second'] = () => 2
      delete root['first']
      expect(call(root, 'second')).to.equal(2)
      expect((await refusal(root, 'first')).code).to.equal('FUNCTION_NOT_FOUND')
    })

    it('takes methods of an instance from its class and the classes above', async () => {
      const counter = instantiate(await load('class-with-state'), [5], 'class-with-state')
      expect(call(counter, 'increment', 2)).to.equal(7)
      expect(call(counter, 'changes')).to.equal(1)
    })

    it('runs getters, with the object as `this`', async () => {
      const counter = instantiate(await load('class-with-state'), [5], 'class-with-state')
      expect(call(counter, 'doubled')).to.equal(10)
    })

    it('takes statics of a class and of the classes above', async () => {
      const Counter = await load('class-with-state')
      expect(call(Counter, 'startingAt', 3)).to.equal('starting at 3')
      expect(call(Counter, 'describe')).to.equal('accounts hold an amount')
    })

    it('takes inherited methods of an emitter, and of builtins', async () => {
      const feed = await load('emits-events')
      const seen: unknown[] = []
      call(feed, 'on', 'data', (value: unknown) => seen.push(value))
      call(feed, 'publish', 'news')
      expect(seen).to.deep.equal(['news'])
      expect(call({ cache: new Map([['key', 'value']]) }, 'cache.get', 'key')).to.equal('value')
    })

    it('takes own properties whose names are inherited elsewhere', () => {
      expect(call(dangerous, 'toString')).to.equal('own toString')
      expect(call(dangerous, 'call')).to.equal('own call')
    })

    it('takes entries of an object without a prototype, and of one from another realm', () => {
      expect(call(dangerous, 'dictionary.entry')).to.equal('reached')
      expect(call(dangerous, 'otherRealm.own')).to.equal('reached')
    })

    it('asks proxies that do not list their names', () => {
      expect(call(dangerous, 'passThrough.hidden')).to.equal('reached')
      expect(call(dangerous, 'answersAnything.whatever')).to.equal('asked for whatever')
    })

    it('goes sixteen segments deep', () => {
      let root: object = { last: () => 'bottom' }
      for (let level = 0; level < 15; level++) root = { next: root }
      expect(call(root, `${'next.'.repeat(15)}last`)).to.equal('bottom')
    })
  })

  describe('in an ES module', () => {
    it('looks in the namespace, then on the default export', async () => {
      const namespace = await load('esm-default-object')
      expect(call(namespace, 'both')).to.equal('from the namespace')
      expect(call(namespace, 'greet', 'you')).to.equal('hello you')
      expect(call(namespace, 'default.greet', 'you')).to.equal('hello you')
    })

    it('takes statics of a default class', async () => {
      const namespace = await load('esm-default-class')
      expect(call(namespace, 'version')).to.equal('2.0.0')
      expect(call(namespace, 'describe')).to.equal('greets by name')
    })

    it('does the same in CommonJS compiled from one', async () => {
      const exported = await load('commonjs-default-export')
      expect(call(exported, 'version')).to.equal('2.0.0')
      expect(call(exported, 'describe')).to.equal('greets by name')
    })

    it('looks on `default` of nothing else', async () => {
      expect((await refusal({ default: { add: () => 1 } }, 'add')).code).to.equal('FUNCTION_NOT_FOUND')
    })
  })

  describe('by the empty path', () => {
    it('takes the package itself, without `this`', async () => {
      const exported = await load('plain-function')
      expect(findFunction(exported, 'package', [])).to.deep.equal({ target: exported, receiver: undefined })
    })

    it('takes the default export of an ES module, and of CommonJS compiled from one', async () => {
      expect(call(await load('esm-default-function'), '', 'you')).to.equal('hello you')
      expect(call(await load('commonjs-default-function'), '', 'you')).to.equal('hello you')
    })

    it('refuses a package that is no function', async () => {
      const { code, details } = await refusal(await load('esm-only'), '')
      expect(code).to.equal('FUNCTION_NOT_FOUND')
      expect(details).to.deep.equal({
        package: 'package',
        path: '',
        segment: '',
        available: ['add', 'address', 'kind']
      })
      for (const root of [{}, { default: () => 1 }, null, undefined, 1, 'text']) {
        expect((await refusal(root, '')).code).to.equal('FUNCTION_NOT_FOUND')
      }
    })
  })

  describe('that is not there', () => {
    for (const path of [
      'notThere',
      'strings.notThere',
      'version',
      'strings',
      'add.notThere',
      'version.toUpperCase',
      'version.length.toFixed',
      'list.2',
      'list.length',
      'add.length',
      'add.name',
      'notThere.deeper'
    ]) {
      it(`refuses ${path}`, async () => {
        expect((await refusal(plain, path)).code).to.equal('FUNCTION_NOT_FOUND')
      })
    }

    for (const path of [
      'constructor',
      'constructor.constructor',
      '__proto__',
      '__proto__.polluted',
      'plain.__proto__.call',
      'plain.prototype',
      'plain.constructor',
      'plain.call',
      'plain.apply',
      'plain.bind',
      'plain.toString',
      'Safe.prototype.method',
      'Safe.call',
      'Safe.toString',
      'instance.constructor',
      'instance.hasOwnProperty',
      'instance.__defineGetter__',
      'instance.__lookupGetter__',
      'list.constructor',
      'list.hasOwnProperty',
      'list.0.call',
      'dictionary.hasOwnProperty',
      'text.toUpperCase',
      'number.toFixed',
      'nothing.toString',
      'otherRealm.hasOwnProperty',
      'otherRealm.constructor',
      'otherRealm.make.call',
      'otherRealm.make.constructor',
      'passThrough.hasOwnProperty',
      'passThrough.constructor',
      'answersAnything.__proto__',
      'answersAnything.toString'
    ]) {
      it(`does not leave the package by ${path}`, async () => {
        expect((await refusal(dangerous, path)).code).to.equal('FUNCTION_NOT_FOUND')
      })
    }

    it('refuses what was added to the root of all objects', async () => {
      call(dangerous, 'polluteObjectPrototype')
      try {
        expect((await refusal(dangerous, 'polluted')).code).to.equal('FUNCTION_NOT_FOUND')
        expect((await refusal(dangerous, 'passThrough.polluted')).code).to.equal('FUNCTION_NOT_FOUND')
      } finally {
        call(dangerous, 'cleanObjectPrototype')
      }
    })

    it('refuses the root of all objects where a package hands it out', async () => {
      const root = { objects: Object.prototype, functions: Function.prototype }
      expect((await refusal(root, 'objects.hasOwnProperty')).code).to.equal('FUNCTION_NOT_FOUND')
      expect((await refusal(root, 'functions.call')).code).to.equal('FUNCTION_NOT_FOUND')
    })

    it('refuses seventeen segments', async () => {
      let root: object = { last: () => 'too deep' }
      for (let level = 0; level < 16; level++) root = { next: root }
      expect((await refusal(root, `${'next.'.repeat(16)}last`)).details).to.include({ segment: 'last' })
    })

    it('throws what a getter or a proxy throws', () => {
      expect(() => call(dangerous, 'throwingGetter')).to.throw('do not read')
      expect(() => call(dangerous, 'throwingGetter.deeper')).to.throw('do not read')
      expect(() => call(dangerous, 'throwsOnLook.deeper')).to.throw('do not look')
    })
  })

  describe('tells what went wrong', () => {
    it('names the package, the path, the segment, and what is there', async () => {
      expect((await refusal(plain, 'strings.deeper.lowr')).details).to.deep.equal({
        package: 'package',
        path: 'strings.deeper.lowr',
        segment: 'lowr',
        available: ['lower']
      })
      expect((await refusal(plain, 'strings.dipper.lower')).details).to.deep.include({
        segment: 'dipper',
        available: ['upper']
      })
      expect((await refusal(plain, 'version')).details).to.include({ segment: 'version' })
    })

    it('names ten functions at most, those that begin like the wanted one first', async () => {
      const { available } = (await refusal(plain, 'rejectAll')).details as { available: string[] }
      expect(available).to.have.length(10)
      expect(available.slice(0, 3)).to.have.members(['rejectError', 'rejectValue', 'rejectLater'])
    })

    it('names inherited functions, and those of the default export', async () => {
      const counter = instantiate(await load('class-with-state'), [5], 'class-with-state')
      expect((await refusal(counter, 'incremnt')).details['available']).to.deep.equal([
        'increment',
        'value',
        'changed',
        'changes'
      ])
      expect((await refusal(await load('esm-default-object'), 'gret')).details['available']).to.deep.equal([
        'greet',
        'both'
      ])
    })

    it('runs no getter and names nothing that a path cannot reach', async () => {
      const { available } = (await refusal(dangerous, 'throwing')).details as { available: string[] }
      expect(available).to.not.include.members(['throwingGetter'])
      expect(available).to.not.include.members(['constructor'])
      expect((await refusal(dangerous, 'text.toUpperCase')).details['available']).to.deep.equal([])
    })

    it('reads a bounded number of names', async () => {
      const names = [...Array(5000).keys()].map((index) => `name${index}`)
      const crowd = Object.fromEntries(names.map((name) => [name, () => name]))
      expect((await refusal(crowd, 'name4999.deeper')).details['available']).to.deep.equal([])
      expect((await refusal(crowd, 'missing')).details['available']).to.have.length(10)
    })
  })
})
