import { expect } from 'chai'
import fc from 'fast-check'
import { ShortStrings } from '../../../lib/wire/short-strings.js'
import { SHORT_STRING_LIMIT } from '../../../lib/wire/tags.js'

function readerOf(strings: ShortStrings): (bytes: Buffer) => string {
  return (bytes) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    return strings.read(bytes, view, 0, bytes.length)
  }
}

describe('A short text', () => {
  it('is what its bytes say, however often it and others have been read', () => {
    const read = readerOf(new ShortStrings())
    const text = fc.uint8Array({ maxLength: SHORT_STRING_LIMIT - 1 })
    const few = fc.array(fc.constantFrom(0, 1, 97, 255), { maxLength: SHORT_STRING_LIMIT - 1 })
    fc.assert(
      fc.property(fc.oneof(text, few), fc.integer({ min: 1, max: 4 }), (given, times) => {
        const bytes = Buffer.from(given)
        for (let time = 0; time < times; time++) expect(read(bytes)).to.equal(bytes.toString('latin1'))
      }),
      { numRuns: 5000 }
    )
  })

  it('differs from one with any other byte, at every place and of every length', () => {
    const read = readerOf(new ShortStrings())
    for (let length = 1; length < SHORT_STRING_LIMIT; length++) {
      const bytes = Buffer.alloc(length, 'a')
      for (let place = 0; place < length; place++) {
        for (const byte of [0x61, 0xe4, 0]) {
          bytes[place] = byte
          for (let time = 0; time < 3; time++) expect(read(bytes)).to.equal(bytes.toString('latin1'))
        }
        bytes[place] = 0x61
      }
    }
  })

  it('is read alike beside more texts than are kept', () => {
    const read = readerOf(new ShortStrings())
    for (let time = 0; time < 3; time++) {
      for (let n = 0; n < 5000; n++) expect(read(Buffer.from(`text ${n}`))).to.equal(`text ${n}`)
    }
  })
})
