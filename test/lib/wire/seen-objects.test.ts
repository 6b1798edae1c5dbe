import { expect } from 'chai'
import { SeenObjects } from '../../../lib/wire/seen-objects.js'

/** So many that they are found in different ways. */
const COUNTS = [0, 1, 15, 16, 17, 18, 1000]

describe('The objects that a message has seen', () => {
  let seen: SeenObjects

  beforeEach(() => (seen = new SeenObjects()))

  function see(count: number): object[] {
    const objects = Array.from({ length: count }, () => ({}))
    for (const object of objects) expect(seen.numberOf(object)).to.equal(-1)
    return objects
  }

  function numbers(objects: object[]): number[] {
    return objects.map((object) => seen.numberOf(object))
  }

  it('have numbers in the order in which they were written, whatever their number', () => {
    for (const count of COUNTS) {
      const objects = see(count)
      expect(seen.count).to.equal(count)
      expect(numbers(objects)).to.deep.equal([...objects.keys()])
      expect(numbers(objects.reverse())).to.deep.equal([...objects.keys()].reverse())
      expect(seen.count).to.equal(count)
      seen.clear()
    }
  })

  it('come behind the list of parameters, which is number 0', () => {
    const list: unknown[] = []
    seen.beginList(list)
    const objects = see(20)
    expect([seen.numberOf(list), ...numbers(objects)]).to.deep.equal([...Array(21).keys()])
    expect(seen.count).to.equal(20)
  })

  it('are new again when they were taken back, and those before them are not', () => {
    for (const kept of COUNTS) {
      for (const further of COUNTS) {
        const [objects, others] = [see(kept), see(further)]
        seen.truncate(kept)
        expect(seen.count).to.equal(kept)
        expect(numbers(objects)).to.deep.equal([...objects.keys()])
        for (const other of others.reverse()) expect(seen.numberOf(other)).to.equal(-1)
        expect(numbers(others)).to.deep.equal(others.map((other, place) => kept + place))
        seen.clear()
      }
    }
  })

  it('are new again for the next item, whose objects are numbered from the start', () => {
    for (const before of COUNTS) {
      const objects = see(before)
      seen.beginItem()
      expect(seen.count).to.equal(0)
      const others = see(30)
      expect(numbers(others)).to.deep.equal([...others.keys()])
      for (const object of objects) expect(seen.numberOf(object)).to.equal(-1)
      seen.clear()
    }
  })

  it('are forgotten with the message, the list of parameters too', () => {
    const list: unknown[] = []
    seen.beginList(list)
    const objects = see(20)
    seen.clear()
    for (const object of [list, ...objects]) expect(seen.numberOf(object)).to.equal(-1)
    expect(seen.numberOf(list)).to.equal(0)
  })
})
