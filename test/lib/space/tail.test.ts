import { expect } from 'chai'
import fc from 'fast-check'
import { Tail } from '../../../lib/space/tail.js'

describe('A tail', () => {
  it('is empty at first', () => {
    expect(new Tail(10).toString()).to.equal('')
  })

  it('is the last bytes of what came, however it came', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary-ascii', maxLength: 30 })),
        fc.integer({ min: 1, max: 20 }),
        (parts, size) => {
          const tail = new Tail(size)
          for (const part of parts) tail.push(Buffer.from(part))
          expect(tail.toString()).to.equal(parts.join('').slice(-size))
        }
      )
    )
  })

  it('does not begin within a character', () => {
    for (const character of ['é', '€', '😀']) {
      for (let size = 9; size <= 16; size++) {
        const tail = new Tail(size)
        for (const byte of Buffer.from(character.repeat(10))) tail.push(Buffer.of(byte))
        const length = Buffer.byteLength(character)
        expect(tail.toString()).to.equal(character.repeat(Math.floor(size / length)))
      }
    }
  })

  it('keeps bytes that are no text', () => {
    const tail = new Tail(4)
    tail.push(Buffer.alloc(10, 0x80))
    expect(tail.toString()).to.equal('\ufffd\ufffd\ufffd\ufffd')
  })
})
