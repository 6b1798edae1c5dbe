import { expect } from 'chai'
import fc from 'fast-check'
import { CodecPair } from '../../support/codec-pair.js'
import { crossingValue, primitive, text } from '../../support/crossing-values.js'
import { difference } from '../../support/same-graph.js'

describe('A value that crosses', () => {
  it('arrives as structuredClone would copy it, in value, class and identity', () => {
    const pair = new CodecPair()
    fc.assert(
      fc.property(crossingValue({ like: 'structuredClone' }), (value) => {
        expect(difference(value, structuredClone(value)), 'structuredClone itself').to.equal(undefined)
        expect(difference(value, pair.cross(value))).to.equal(undefined)
      }),
      { numRuns: 1500 }
    )
  })

  it('arrives complete where it is more than structuredClone keeps: errors, buffers, parts of memory', () => {
    const pair = new CodecPair()
    fc.assert(
      fc.property(crossingValue(), (value) => {
        expect(difference(value, pair.cross(value))).to.equal(undefined)
      }),
      { numRuns: 1500 }
    )
  })

  it('arrives from a codec that has seen nothing before as from one that has seen much', () => {
    fc.assert(
      fc.property(crossingValue(), (value) => {
        expect(difference(value, new CodecPair().cross(value))).to.equal(undefined)
      }),
      { numRuns: 300 }
    )
  })

  it('arrives unharmed after any number of values that were refused half way', () => {
    const pair = new CodecPair()
    const message = fc.tuple(crossingValue(), fc.boolean(), fc.array(text, { minLength: 1, maxLength: 3 }))
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 6 }), (messages) => {
        for (const [value, broken, keys] of messages) {
          const fresh = Object.fromEntries(keys.map((key) => [key, { [key]: value }]))
          if (broken) expect(() => pair.write({ ...fresh, value, last: Symbol('last') })).to.throw()
          else expect(difference(fresh, pair.cross(fresh))).to.equal(undefined)
        }
      }),
      { numRuns: 400 }
    )
  })

  it('may be a primitive', () => {
    const pair = new CodecPair()
    fc.assert(
      fc.property(primitive, (value) => {
        expect(Object.is(pair.cross(value), value)).to.equal(true)
      }),
      { numRuns: 1000 }
    )
  })

  it('may be an object of any shape, of more shapes than the table holds', () => {
    const pair = new CodecPair()
    for (let round = 0; round < 2; round++) {
      for (let place = 0; place < 1500; place++) {
        const value = { [`key${place}`]: place, shared: [place], [`last${place % 7}`]: { place } }
        expect(pair.cross(value)).to.deep.equal(value)
      }
    }
  })

  it('may have more keys than a shape holds', () => {
    const pair = new CodecPair()
    for (const keys of [63, 64, 65, 200]) {
      const value = Object.fromEntries(
        Array.from({ length: keys }, (unused, place) => [`key${place}`, place])
      )
      expect(difference([value, { ...value }], pair.cross([value, { ...value }]))).to.equal(undefined)
    }
  })

  it('may hold many objects, each more than once', () => {
    const pair = new CodecPair()
    for (const count of [15, 16, 17, 18, 1000]) {
      const objects = Array.from({ length: count }, (unused, place) => ({ place }))
      const value = { objects, again: [...objects].reverse(), first: objects[0] }
      expect(difference(value, pair.cross(value)), `${count} objects`).to.equal(undefined)
    }
  })

  it('may nest a thousand levels, in every kind of container', () => {
    const containers: ((inner: unknown) => object)[] = [
      (inner) => ({ inner }),
      (inner) => [inner],
      (inner) => Object.assign([inner], { extra: true }),
      (inner) => new Map([['key', inner]]),
      (inner) => new Map([[inner, 'value']]),
      (inner) => new Set([inner]),
      (inner) => Object.assign(new Error('outer'), { inner })
    ]
    for (const container of containers) {
      let value: unknown = 'innermost'
      for (let level = 0; level < 1000; level++) value = container(value)
      expect(difference(value, new CodecPair().cross(value)), String(container)).to.equal(undefined)
    }
  })

  it('may nest a thousand levels as a parameter', () => {
    for (const [levels, fits] of [
      [999, true],
      [1000, false]
    ] as const) {
      let value: unknown = 'innermost'
      for (let level = 0; level < levels; level++) value = [value]
      const pair = new CodecPair()
      if (fits) expect(difference([value], pair.crossParameters([value]))).to.equal(undefined)
      else expect(() => pair.crossParameters([value])).to.throw('1000 levels')
    }
  })

  it('may hold the list of parameters that it stands in', () => {
    const pair = new CodecPair()
    fc.assert(
      fc.property(fc.array(crossingValue(), { maxLength: 4 }), fc.nat({ max: 4 }), (parameters, again) => {
        const list: unknown[] = [...parameters]
        if (again > 2) list.push({ list })
        if (again > 3) list.push(list)
        expect(difference(list, pair.crossParameters(list))).to.equal(undefined)
      }),
      { numRuns: 300 }
    )
  })

  it('may be a large array, without and with holes and further properties', () => {
    const pair = new CodecPair()
    const full = Array.from({ length: 100_000 }, (unused, place) => place)
    const withUndefined = [...full, undefined, 'last']
    const holes = [...full]
    Reflect.deleteProperty(holes, 50_000)
    const extra = Object.assign([...full], { extra: true })
    const both = Object.assign([...holes], { extra: true })
    for (const array of [full, withUndefined, holes, extra, both]) {
      expect(difference(array, pair.cross(array))).to.equal(undefined)
    }
  })

  it('may be an array that is long and almost empty', () => {
    const pair = new CodecPair()
    for (const length of [1000, 2 ** 25, 2 ** 32 - 1]) {
      const array: unknown[] = []
      array.length = length
      array[length - 1] = 'last'
      expect(difference(array, pair.cross(array)), String(length)).to.equal(undefined)
    }
  })

  it('is read while it is sent: getters count as their values', () => {
    const value = {
      get now(): number {
        return 1
      },
      list: Object.defineProperty([0], 0, { get: () => 'first', enumerable: true })
    }
    expect(new CodecPair().cross(value)).to.deep.equal({ now: 1, list: ['first'] })
  })

  it('keeps its values under their keys when a getter changes the object', () => {
    const pair = new CodecPair()
    for (let round = 0; round < 2; round++) {
      const value: Record<string, unknown> = Object.defineProperty({}, 'a', {
        get: () => {
          delete value['b']
          value['d'] = 4
          return 1
        },
        enumerable: true
      })
      Object.assign(value, { b: 2, c: 3 })
      expect(pair.cross(value)).to.deep.equal({ a: 1, b: undefined, c: 3 })
    }
  })
})
