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

  it('may nest a thousand levels where it is sent from deep in a stack', () => {
    const below = (levels: number, then: () => unknown): unknown =>
      levels === 0 ? then() : below(levels - 1, then)
    for (const container of [
      (inner: unknown) => ({ inner }),
      (inner: unknown) => new Map([['key', inner]])
    ]) {
      let value: unknown = 'innermost'
      for (let level = 0; level < 1000; level++) value = container(value)
      const pair = new CodecPair()
      expect(below(1000, () => pair.write(value))).to.be.instanceOf(Buffer)
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
})
