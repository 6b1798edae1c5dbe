import { expect } from 'chai'
import { EventEmitter } from 'node:events'
import { runInNewContext } from 'node:vm'
import { crossesByReference } from '../../../lib/wire/crosses-by-reference.js'

describe('What crosses by value', () => {
  class MyMap extends Map {}
  class MyError extends TypeError {}
  class MyArray extends Array {}
  const values: [string, object][] = [
    ['a plain object', { a: 1 }],
    ['one without a prototype', Object.create(null) as object],
    ['one of another realm', runInNewContext('({ a: 1 })') as object],
    ['an array', [1]],
    ['an instance of a class of arrays', new MyArray()],
    ['an array of another realm', runInNewContext('[1]') as object],
    ['a Map', new Map()],
    ['an instance of a class of maps', new MyMap()],
    ['a Set', new Set()],
    ['a Date', new Date()],
    ['a regular expression', /a/],
    ['a Buffer', Buffer.from('')],
    ['an ArrayBuffer', new ArrayBuffer(1)],
    ['a view', new DataView(new ArrayBuffer(1))],
    ['an error', new MyError()],
    ['an error of another realm', runInNewContext('new Error()') as object],
    ['a wrapper', Object('text') as object],
    ['an AbortSignal', AbortSignal.abort()],
    ['a promise, which is refused', Promise.resolve()]
  ]
  for (const [title, value] of values) {
    it(`is ${title}`, () => expect(crossesByReference(value)).to.equal(false))
  }
})

describe('What stays where it is', () => {
  class Tool {}
  const things: [string, object][] = [
    ['an instance of a class', new Tool()],
    ['an emitter', new EventEmitter()],
    ['an object made with another one as its prototype', Object.create({ a: 1 }) as object],
    ['a Proxy, of whatever', new Proxy([], {})],
    ['a generator', (function* () {})()],
    ['a WeakMap', new WeakMap()],
    ['a URL', new URL('http://a')]
  ]
  for (const [title, value] of things) {
    it(`is ${title}`, () => expect(crossesByReference(value)).to.equal(true))
  }
})
