import { expect } from 'chai'
import { Batch, bytesIn, MOST_BYTES, MOST_ITEMS } from '../../../lib/wire/batch.js'

describe('A batch', () => {
  const filledWith = (item: unknown, most?: number): number => {
    const batch = new Batch(most)
    while (!batch.isFull) batch.add(item)
    return batch.items.length
  }

  it('is full with so many items', () => {
    expect(filledWith(7)).to.equal(MOST_ITEMS)
    expect(filledWith({ small: true }, 3)).to.equal(3)
  })

  it('is full with so many bytes, of texts, binary values and what holds them', () => {
    expect(filledWith('x'.repeat(MOST_BYTES / 4))).to.equal(4)
    expect(filledWith(Buffer.alloc(MOST_BYTES / 2))).to.equal(2)
    expect(filledWith({ row: [Buffer.alloc(MOST_BYTES)] })).to.equal(1)
    expect(filledWith([{ text: 'x'.repeat(MOST_BYTES) }])).to.equal(1)
  })

  it('runs no getters of classes, and looks no deeper than it has to', () => {
    class Guarded {
      get secret(): never {
        throw new Error('it was read')
      }
    }
    expect(bytesIn({ guarded: new Guarded(), deep: { deeper: { text: 'abc' } } }, 2)).to.equal(0)
    expect(bytesIn({ deep: { text: 'abc' } }, 2)).to.equal(3)
  })
})
