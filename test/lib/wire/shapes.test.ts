import { expect } from 'chai'
import { SHAPE_KEY_LIMIT, SHAPE_LIMIT, SHAPE_TEXT_LIMIT, ShapeTable } from '../../../lib/wire/shapes.js'

describe('The table of shapes', () => {
  it('finds a shape by its keys and their order', () => {
    const table = new ShapeTable()
    for (const keys of [['a'], ['a', 'b'], ['b', 'a'], ['__proto__'], ['', 'a']]) {
      expect(table.find(keys)).to.equal(undefined)
      expect(table.add(keys)).to.equal(true)
    }
    expect(table.find(['a', 'b'])?.index).to.equal(1)
    expect(table.find(['b', 'a'])?.index).to.equal(2)
    expect(table.find(['__proto__'])?.index).to.equal(3)
    expect(table.find(['a', 'b', 'c'])).to.equal(undefined)
    expect(table.find(['c'])).to.equal(undefined)
  })

  it('takes back what was added last, and adds it again under the same number', () => {
    const table = new ShapeTable()
    table.add(['a'])
    table.add(['a', 'b'])
    table.add(['c'])
    table.truncate(1)
    expect([table.find(['a'])?.index, table.find(['a', 'b']), table.find(['c'])]).to.deep.equal([
      0,
      undefined,
      undefined
    ])
    table.add(['c'])
    expect(table.find(['c'])?.index).to.equal(1)
    table.truncate(0)
    expect(table.find(['a'])).to.equal(undefined)
  })

  it('is bounded in shapes, keys and text', () => {
    const table = new ShapeTable()
    const keys = (count: number): string[] => Array.from({ length: count }, (unused, place) => `k${place}`)
    expect(table.add(keys(SHAPE_KEY_LIMIT))).to.equal(true)
    expect(table.add(keys(SHAPE_KEY_LIMIT + 1))).to.equal(false)
    expect(table.add(['x'.repeat(SHAPE_TEXT_LIMIT)])).to.equal(true)
    expect(table.add(['x'.repeat(SHAPE_TEXT_LIMIT), 'y'])).to.equal(false)
    for (let place = 2; place < SHAPE_LIMIT; place++) expect(table.add([`shape${place}`])).to.equal(true)
    expect(table.add(['one more'])).to.equal(false)
    expect(table.find(['one more'])).to.equal(undefined)
  })

  it('guesses the shape of an object from those that it followed before', () => {
    const table = new ShapeTable()
    const shapes = [['a'], ['b', 'c'], ['b', 'c', 'd']]
    for (const keys of shapes) table.add(keys)
    const guess = (object: object): number | undefined => table.guess(object)?.index
    table.begin()
    expect(guess({ a: 1 })).to.equal(undefined)
    table.find(['a'])
    table.find(['b', 'c'])
    table.begin()
    expect(guess({ b: 1 })).to.equal(undefined)
    expect([guess({ a: 1 }), guess({ b: 1, c: 2 })]).to.deep.equal([0, 1])
    for (const object of [{ b: 1 }, { c: 1, b: 2 }, { b: 1, c: 2, d: 3 }, {}, { b: 1, x: 2 }]) {
      table.begin()
      expect([guess({ a: 1 }), guess(object)]).to.deep.equal([0, undefined])
    }
    table.begin()
    expect(guess({ a: 1 })).to.equal(0)
    table.pass()
    expect(guess({ b: 1, c: 2 })).to.equal(undefined)
  })

  it('guesses no shape that was taken back, and none by what objects inherit', () => {
    const table = new ShapeTable()
    table.add(['a'])
    table.find(['a'])
    table.truncate(0)
    table.begin()
    expect(table.guess({ a: 1 })).to.equal(undefined)
    table.add(['a'])
    table.find(['a'])
    const { prototype } = Object as unknown as { prototype: Record<string, unknown> }
    prototype['a'] = 1
    try {
      table.begin()
      expect(table.guess({})).to.equal(undefined)
    } finally {
      delete prototype['a']
    }
    table.begin()
    expect(table.guess({ a: 1 })?.index).to.equal(0)
  })
})
