import { expect } from 'chai'
import { encodeElements, encodeKeys } from '../../../lib/wire/encode-objects.js'
import { ELEMENTS_LIMIT, PROPERTIES_LIMIT } from '../../../lib/wire/element-limits.js'
import { NotCloneable } from '../../../lib/wire/not-cloneable.js'
import { Refusal } from '../../../lib/wire/refusal.js'
import { CodecPair } from '../../support/codec-pair.js'
import { difference } from '../../support/same-graph.js'
import { thrownBy } from '../../support/thrown-by.js'

describe('An object or array', () => {
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

  it('is too large with more elements than V8 may hold there', () => {
    const { encoder } = new CodecPair()
    const tooMany = (limit: number, write: () => void): void => {
      const refusal = thrownBy(write) as Refusal
      expect(refusal).to.be.instanceOf(Refusal).and.include({ code: 'TOO_LARGE' })
      expect(refusal.details).to.deep.equal({ size: limit + 1, limit, unit: 'elements' })
    }
    tooMany(ELEMENTS_LIMIT, () => encodeElements(encoder, [], ELEMENTS_LIMIT + 1))
    const wide = new Uint8Array(PROPERTIES_LIMIT + 1)
    tooMany(PROPERTIES_LIMIT, () => encodeKeys(encoder, wide))
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

  it('is sent without its keys once its shape is known, and with them when it has no shape', () => {
    const pair = new CodecPair()
    const has = (value: object): boolean => pair.write(value).includes('extraordinary')
    expect(has({ extraordinary: 1 })).to.equal(true)
    expect(has({ extraordinary: 2 })).to.equal(false)
    expect(has([{ other: { extraordinary: 3 } }])).to.equal(false)
    const wide = Object.fromEntries(
      Array.from({ length: 65 }, (unused, place) => [`extraordinary${place}`, 0])
    )
    expect([has(wide), has(wide)]).to.deep.equal([true, true])
  })

  it('crosses as a plain one when it is an instance of a class', () => {
    class Point {
      x = 1
      get y(): number {
        return 2
      }
    }
    expect(new CodecPair().cross([new Point(), { x: 3 }])).to.deep.equal([{ x: 1 }, { x: 3 }])
  })

  it('has as many elements as there were at first, though a getter in it adds or removes some', () => {
    const listOf = (change: (list: unknown[]) => unknown): unknown[] => {
      const list: unknown[] = []
      const first = Object.defineProperty({}, 'a', { get: () => change(list), enumerable: true })
      list.push(first, 'last')
      return list
    }
    const pair = new CodecPair()
    for (const cross of [
      (list: unknown[]) => pair.cross(list),
      (list: unknown[]) => pair.crossParameters(list)
    ]) {
      expect(cross(listOf((list) => list.push('more')))).to.deep.equal([{ a: 3 }, 'last'])
      expect(cross(listOf((list) => list.splice(1).length))).to.deep.equal([{ a: 1 }, undefined])
    }
  })

  it('cannot cross when reading it throws, and the property is named', () => {
    const fail = (): never => {
      throw new Error('not now')
    }
    const withFailing = <T extends object>(object: T, key: string): T =>
      Object.defineProperty(object, key, { get: fail, enumerable: true })
    const hidden = Object.assign([], { 5: 'last' })
    const wide = Object.fromEntries(Array.from({ length: 65 }, (unused, place) => [`key${place}`, place]))
    for (const [object, key] of [
      [{ first: 1 }, 'broken'],
      [['first'], '1'],
      [hidden, '3'],
      [wide, 'broken']
    ] as [object, string][]) {
      const problem = thrownBy(() => new CodecPair().write([withFailing(object, key)])) as NotCloneable
      expect(problem).to.be.instanceOf(NotCloneable)
      expect(problem).to.include({ reason: 'reading it throws' })
      expect(problem.holder).to.deep.equal({ object, key })
      expect(problem.thrown).to.be.instanceOf(Error).with.property('message', 'not now')
    }
  })
})
