import { expect } from 'chai'
import { createHistogram } from 'node:perf_hooks'
import { createServer } from 'node:net'
import { runInThisContext } from 'node:vm'
import { pack } from '../../../lib/wire/packed.js'
import type { Refusal } from '../../../lib/wire/refusal.js'
import { CodecPair } from '../../support/codec-pair.js'
import { thrownBy } from '../../support/thrown-by.js'

function refusalOf(value: unknown, limit = 2 ** 28): Refusal {
  return thrownBy(() => pack([value], 'parameters', limit)) as Refusal
}

function placeOf(value: unknown): unknown {
  const refusal = refusalOf(value)
  expect(refusal.code).to.equal('NOT_CLONEABLE')
  return refusal.details['place']
}

/** Written as text, because nobody should write it otherwise. */
const makeArguments = new Function('return arguments') as (...given: unknown[]) => unknown

function revoked(target: object): unknown {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}

function detached(): ArrayBuffer {
  const memory = new ArrayBuffer(8)
  structuredClone(memory, { transfer: [memory] })
  return memory
}

function detachedView(): Uint8Array {
  const view = new Uint8Array(8)
  structuredClone(view, { transfer: [view.buffer] })
  return view
}

class Keeper extends WeakMap {}

function* generate(): Generator<number> {
  yield 1
}

const uncrossable: Record<string, () => unknown> = {
  'a symbol': () => Symbol('s'),
  'a registered symbol': () => Symbol.for('s'),
  'a symbol in its wrapper': () => Object(Symbol('s')) as unknown,
  'a WeakMap': () => new WeakMap(),
  'a WeakSet': () => new WeakSet(),
  'a WeakRef': () => new WeakRef({}),
  'a FinalizationRegistry': () => new FinalizationRegistry(() => {}),
  'an instance of a class that extends WeakMap': () => new Keeper(),
  'a promise': () => Promise.resolve(1),
  'a proxy': () => new Proxy({}, {}),
  'a proxy of an array': () => new Proxy([], {}),
  'a proxy of a Map': () => new Proxy(new Map(), {}),
  'a proxy of an error': () => new Proxy(new Error('e'), {}),
  'a proxy that throws': () => new Proxy({}, { getPrototypeOf: () => revoked({}) as object }),
  'a revoked proxy': () => revoked({}),
  'a revoked proxy of an array': () => revoked([]),
  'a generator': () => generate(),
  'an iterator of an array': () => [1].values(),
  'an iterator of a Map': () => new Map().entries(),
  'an iterator of a Set': () => new Set().values(),
  'an iterator of a string': () => 'a'[Symbol.iterator](),
  'matches of a regular expression': () => 'a'.matchAll(/a/g),
  'an arguments object': () => makeArguments(1, 2),
  'the format of a locale': () => new Intl.NumberFormat('en'),
  'a locale': () => new Intl.Locale('en'),
  'memory of WebAssembly': () =>
    new (runInThisContext('WebAssembly.Memory') as new (size: object) => object)({ initial: 0 }),
  'a SharedArrayBuffer': () => new SharedArrayBuffer(8),
  'a detached ArrayBuffer': detached,
  'a view of a detached ArrayBuffer': detachedView,
  'a native handle': () => createHistogram(),
  'a message port': () => new MessageChannel().port1
}

describe('A value that cannot cross', () => {
  for (const [name, make] of Object.entries(uncrossable)) {
    it(`may be ${name}, and its place is named`, () => {
      expect(placeOf(make())).to.equal('parameters[0]')
      expect(placeOf({ options: { agent: make() } })).to.equal('parameters[0].options.agent')
      expect(placeOf([1, [make()]])).to.equal('parameters[0][1][0]')
      const refusal = refusalOf(make())
      expect(refusal.details['reason']).to.be.a('string').and.not.include('undefined')
    })
  }

  it('may be a module namespace', async () => {
    expect(placeOf(await import('node:os'))).to.equal('parameters[0]')
    const real = await (eval('import("node:os")') as Promise<object>)
    expect(placeOf({ real })).to.equal('parameters[0].real')
  })

  it('may be a server: its handle is native', () => {
    const server = createServer()
    server.listen()
    const place = placeOf({ server })
    server.close()
    expect(place).to.match(/^parameters\[0\]\.server(\._handle)?$/)
  })

  it('may be a function, where functions cannot cross', () => {
    const encoder = new CodecPair()
    expect(() => encoder.write({ options: { agent: () => {} } })).to.throw('a function cannot cross here')
    expect(encoder.cross('next')).to.equal('next')
  })

  it('may nest too deeply', () => {
    for (const levels of [1001, 100_000]) {
      let value: unknown = 'innermost'
      for (let level = 0; level < levels; level++) value = { inner: value }
      expect(placeOf({ value })).to.match(/^parameters\[0\]\.value\.inner\.inner/)
      expect(refusalOf(value).details['reason']).to.include('1000 levels')
    }
  })

  it('may hide behind a deep value that crosses only in part', () => {
    let cause: unknown = 'innermost'
    for (let level = 0; level < 100_000; level++) cause = { cause }
    const [error, last] = [new Error('outer', { cause }), Symbol('last')]
    expect(placeOf({ error, last })).to.equal('parameters[0].last')
    const hidden = Object.defineProperty({}, 'cause', { value: cause })
    expect(placeOf({ hidden, last })).to.equal('parameters[0].last')
  })

  it('may be a property that throws when it is read; what it threw is told', () => {
    const thrown = new Error('not now')
    const fail = (): never => {
      throw thrown
    }
    const broken = Object.defineProperty({}, 'later', { get: fail, enumerable: true })
    const list = Object.defineProperty([1, 2, 3], 1, { get: fail, enumerable: true })
    const further = Object.defineProperty([1, 2, 3], 'more', { get: fail, enumerable: true })
    expect(placeOf({ broken })).to.equal('parameters[0].broken.later')
    expect(placeOf({ list })).to.equal('parameters[0].list[1]')
    expect(placeOf({ further })).to.equal('parameters[0].further.more')
    expect(refusalOf(broken).details['cause']).to.equal(thrown)
    expect(refusalOf(list).details['cause']).to.equal(thrown)
  })

  it('is found in collections, behind keys of every kind, and behind cycles', () => {
    const symbol = Symbol('s')
    const cycle: Record<string, unknown> = {}
    cycle['self'] = cycle
    cycle['list'] = [cycle, { 'a-b': symbol }]
    expect(placeOf(cycle)).to.equal('parameters[0].list[1]["a-b"]')
    expect(placeOf(new Map([['key', { symbol }]]))).to.equal('parameters[0].<entry 0>.symbol')
    expect(placeOf(new Map([[symbol, 1]]))).to.equal('parameters[0].<key 0>')
    expect(placeOf(new Set([1, { symbol }]))).to.equal('parameters[0].<member 1>.symbol')
    expect(placeOf(Object.assign([], { extra: symbol }))).to.equal('parameters[0].extra')
  })

  it('is found at once beside large values', () => {
    const text = new String('x'.repeat(1_000_000))
    const large = { bytes: Buffer.alloc(16 * 1024 * 1024), floats: new Float64Array(2 ** 21), text }
    const started = process.cpuUsage()
    expect(placeOf({ large, last: Symbol('last') })).to.equal('parameters[0].last')
    expect(process.cpuUsage(started).user / 1000).to.be.lessThan(1000)
  })

  it('is named as well as possible where the way to it is long', () => {
    const list = Array.from({ length: 300_000 }, (unused, place) => ({ place }))
    expect(placeOf({ list, last: Symbol('last') })).to.match(/^parameters/)
  })

  it('is none of these, which cross as plain objects without what is native about them', () => {
    class Plain {
      #secret = 1
      value = 2
      get secret(): number {
        return this.#secret
      }
    }
    class Derived extends Plain {
      next(): void {}
    }
    const pair = new CodecPair()
    expect(pair.cross(new Derived())).to.deep.equal({ value: 2 })
    for (const value of [
      Math,
      JSON,
      Reflect,
      Intl,
      new URL('http://localhost'),
      new EventTarget(),
      new TextEncoder()
    ]) {
      expect(pair.cross(value)).to.deep.equal({})
    }
  })
})
