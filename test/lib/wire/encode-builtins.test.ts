import { expect } from 'chai'
import { runInNewContext } from 'node:vm'
import { INLINE_LIMIT } from '../../../lib/wire/tags.js'
import { CodecPair } from '../../support/codec-pair.js'
import { difference } from '../../support/same-graph.js'

function cross<T>(value: T): T {
  return new CodecPair().cross(value) as T
}

describe('A view that crosses', () => {
  it('takes its own bytes along and no others', () => {
    const memory = Buffer.alloc(1000, 7)
    memory.fill(1, 100, 110)
    for (const view of [
      memory.subarray(100, 110),
      new Uint8Array(memory.buffer, memory.byteOffset + 100, 10)
    ]) {
      const copy = cross(view)
      expect([...copy]).to.deep.equal(Array(10).fill(1))
      expect(Object.getPrototypeOf(copy)).to.equal(Object.getPrototypeOf(view))
    }
    expect(cross(new Uint8Array(memory.buffer, memory.byteOffset, 10)).buffer.byteLength).to.equal(10)
  })

  it('is beside its message when it makes that too large, and the same when it arrives', () => {
    const pair = new CodecPair()
    for (const [size, beside] of [
      [65_535, 0],
      [65_536, 0],
      [INLINE_LIMIT - 100, 0],
      [INLINE_LIMIT + 1, 1]
    ] as const) {
      for (const make of [Buffer.alloc, (length: number) => new ArrayBuffer(length)]) {
        const value = make(size)
        expect(difference(value, pair.cross(value))).to.equal(undefined)
        expect(pair.encoder.attachments).to.have.length(beside)
      }
    }
    for (const length of [10_000, 50_000]) {
      const floats = new Float64Array(length).fill(0.5)
      expect(difference(floats, pair.cross(floats))).to.equal(undefined)
    }
  })

  it('is beside its message, if it has 64 KiB, when the values before it have filled that', () => {
    const pair = new CodecPair()
    const values = [200_000, 100_000, 65_536, 65_535, 1000].map((length, place) =>
      Buffer.alloc(length, place)
    )
    expect(difference(values, pair.cross(values))).to.equal(undefined)
    expect(pair.encoder.attachments.map(({ length }) => length)).to.deep.equal([100_000, 65_536])
  })

  it('may look at memory that threads share: its bytes are copied', () => {
    const view = new Uint8Array(new SharedArrayBuffer(10)).fill(3)
    const copy = cross(view)
    expect([...copy]).to.deep.equal(Array(10).fill(3))
    expect(copy.buffer).to.be.instanceOf(ArrayBuffer)
  })

  it('stays one object where it was one, and two where it was two', () => {
    const view = Buffer.alloc(70_000, 1)
    const [first, again, other] = cross([view, view, view.subarray(0)])
    expect([first === again, first === other]).to.deep.equal([true, false])
  })

  it('of a buffer that can be resized takes what it sees now', () => {
    const memory = new ArrayBuffer(8, { maxByteLength: 16 })
    const tracking = new Uint8Array(memory)
    memory.resize(12)
    expect(cross(tracking)).to.have.length(12)
    const whole = cross(memory)
    expect([whole.resizable, whole.byteLength, whole.maxByteLength]).to.deep.equal([true, 12, 16])
  })
})

describe('An error that crosses', () => {
  it('keeps its nearest built-in class, name, message, code, stack and cause', () => {
    class Base extends RangeError {}
    class Failure extends Base {
      override name = 'Failure'
      readonly code = 'E_FAILURE'
    }
    const failure = new Failure('it failed', { cause: new Failure('deeper') })
    const copy = cross(failure)
    expect(difference(failure, copy)).to.equal(undefined)
    expect(copy).to.be.instanceOf(RangeError)
    expect(Object.keys(copy)).to.deep.equal(['code'])
    expect(String(copy)).to.equal('Failure: it failed')
  })

  it('keeps all errors of an aggregate, and itself as its own cause', () => {
    const inner = new TypeError('inner')
    const error = new AggregateError([inner, 'text', inner], 'several')
    error.cause = error
    const copy = cross(error)
    expect(difference(error, copy)).to.equal(undefined)
    expect([copy.cause === copy, copy.errors[0] === copy.errors[2]]).to.deep.equal([true, true])
  })

  it('leaves out what cannot cross, and keeps the rest', () => {
    const error = Object.assign(new Error('request failed'), {
      before: [1],
      request: { socket: new WeakMap(), deep: { fresh: 1 } },
      retry: () => {},
      secret: Symbol('s'),
      response: { status: 500, deep: { fresh: 2 } }
    })
    Object.defineProperty(error, 'broken', {
      enumerable: true,
      get: () => {
        throw new Error('getter')
      }
    })
    Object.defineProperty(error, 'hidden', { value: 'kept hidden' })
    const pair = new CodecPair()
    const expected = { before: [1], response: { status: 500, deep: { fresh: 2 } } }
    for (let round = 0; round < 2; round++) {
      const copy = pair.cross({ error, after: { deep: { fresh: 3 } } }) as { error: Error; after: unknown }
      expect({ ...copy.error }).to.deep.equal(expected)
      expect(Object.getOwnPropertyDescriptor(copy.error, 'hidden')).to.include({
        value: 'kept hidden',
        enumerable: false
      })
      expect(copy.after).to.deep.equal({ deep: { fresh: 3 } })
    }
  })

  it('leaves out what cannot cross, which other places may still hold', () => {
    for (const count of [1, 20]) {
      const shared = Array.from({ length: count }, (unused, place) => ({ place }))
      const error = Object.assign(new Error('e'), { request: { shared, socket: new WeakMap() }, shared })
      const [copy, after] = cross([error, shared])
      expect(after).to.deep.equal(shared)
      expect(copy.shared).to.equal(after)
      const dropped = Object.assign(new Error('e'), { request: { shared, socket: new WeakMap() } })
      expect(cross([dropped, shared])[1]).to.deep.equal(shared)
    }
  })

  it('leaves out what cannot cross fast, however much was written before', () => {
    const objects = Array.from({ length: 30_000 }, (unused, place) => ({ place }))
    const errors = Array.from({ length: 300 }, () => Object.assign(new Error('e'), { socket: new WeakMap() }))
    const started = process.cpuUsage()
    expect(cross([objects, errors])[1]).to.have.length(300)
    expect(process.cpuUsage(started).user / 1000).to.be.lessThan(1500)
  })

  it('may be of another realm, of an old kind, or of the DOM', () => {
    const foreign = cross(runInNewContext('Object.assign(new TypeError("foreign"), { code: 1 })') as Error)
    expect(foreign).to.be.instanceOf(TypeError).and.include({ message: 'foreign', code: 1 })
    const old = Object.assign(Object.create(Error.prototype) as Error, { message: 'old', code: 2 })
    expect(cross(old)).to.be.instanceOf(Error).and.include({ message: 'old', code: 2 })
    const dom = cross(new DOMException('aborted', 'AbortError'))
    expect(dom).to.be.instanceOf(Error).and.include({ message: 'aborted', name: 'AbortError', code: 20 })
  })

  it('may have a name, message and stack of any kind', () => {
    const strange = new Error('x')
    Object.assign(strange, { name: 5, message: { no: 'text' } })
    Object.defineProperty(strange, 'stack', { value: undefined })
    const copy = cross(strange)
    expect(copy).to.be.instanceOf(Error).and.include({ name: 'Error', stack: undefined })
    expect(copy.message).to.deep.equal({ no: 'text' })
    const unspeakable = Object.assign(new Error('x'), { message: Symbol('m') })
    expect(cross(unspeakable)).to.include({ message: '' })
    const throwing = Object.defineProperty(new Error('x'), 'name', {
      get: () => {
        throw new Error('no name')
      }
    })
    expect(cross(throwing)).to.include({ message: 'x', name: 'Error' })
  })

  it('crosses where stacks are made by a function of the program that fails without frames', () => {
    const { prepareStackTrace } = Error
    const error = Object.assign(new TypeError('x'), { stack: 'its own stack' })
    try {
      Error.prepareStackTrace = (unused, frames) => (frames[0] as NodeJS.CallSite).getFileName()
      expect(cross(error)).to.be.instanceOf(TypeError).and.include({ message: 'x', stack: 'its own stack' })
    } finally {
      Error.prepareStackTrace = prepareStackTrace
    }
  })
})

describe('A built-in object that crosses', () => {
  it('may be of a class that extends its own, and has the content of the built-in one', () => {
    class OwnRegExp extends RegExp {
      override get source(): string {
        return 5 as unknown as string
      }
    }
    class OwnMap extends Map<unknown, unknown> {
      override entries(): never {
        throw new Error('not mine')
      }
      override get size(): number {
        return 99
      }
    }
    class OwnDate extends Date {
      override getTime(): number {
        return 5
      }
    }
    expect(cross(new OwnRegExp('a', 'g'))).to.deep.equal(/a/g)
    expect(cross(new OwnMap([[1, 2]]))).to.deep.equal(new Map([[1, 2]]))
    expect(cross(new OwnDate(77)).getTime()).to.equal(77)
  })

  it('may change while it is written: what it held at the beginning arrives', () => {
    const map = new Map<string, unknown>()
    map.set('first', {
      get grow(): string {
        for (let place = 0; place < 10; place++) map.set(`more ${place}`, place)
        map.delete('second')
        return 'grown'
      }
    })
    map.set('second', 2)
    expect(cross(map)).to.deep.equal(
      new Map<string, unknown>([
        ['first', { grow: 'grown' }],
        ['second', 2]
      ])
    )
  })

  it('may be a regular expression, of which there may not be too much in a message', () => {
    expect(cross(new RegExp('x'.repeat(60_000))).source).to.have.length(60_000)
    const pair = new CodecPair()
    const expressions = Array.from({ length: 70 }, () => new RegExp('x'.repeat(1000)))
    expect(() => pair.cross(expressions)).to.throw('regular expressions of more than 65536 characters')
    expect(pair.cross(expressions.slice(0, 65))).to.deep.equal(expressions.slice(0, 65))
  })
})
