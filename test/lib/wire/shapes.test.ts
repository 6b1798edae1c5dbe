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
})
