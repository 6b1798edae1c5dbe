import { expect } from 'chai'
import fc from 'fast-check'
import { ByteReader, ProtocolViolation } from '../../../lib/wire/byte-reader.js'
import { ByteWriter } from '../../../lib/wire/byte-writer.js'
import { text } from '../../support/crossing-values.js'

/** What is read from what was written, with nothing left over. */
function thereAndBack<T>(write: (writer: ByteWriter) => void, read: (reader: ByteReader) => T, size = 1): T {
  const writer = new ByteWriter(size)
  write(writer)
  const reader = new ByteReader()
  reader.begin(writer.bytes, 0, writer.position)
  const value = read(reader)
  expect(reader.position).to.equal(writer.position)
  return value
}

describe('Bytes that are written', () => {
  it('are read as the same numbers, up to the largest safe integer', () => {
    const counts = fc.oneof(
      fc.nat(),
      fc.maxSafeNat(),
      fc.integer({ min: 0, max: 53 }).map((bits) => 2 ** bits - 1)
    )
    fc.assert(
      fc.property(
        counts,
        fc.integer(),
        fc.double(),
        fc.nat({ max: 2 ** 31 - 1 }),
        (count, signed, double, nat) => {
          const unsigned = nat * 2
          const written = [count, signed, double, unsigned, nat & 0xff]
          const read = thereAndBack(
            (writer) => {
              writer.count(count)
              writer.int32(signed)
              writer.double(double)
              writer.uint32(unsigned)
              writer.byte(nat & 0xff)
            },
            (reader) => [reader.count(), reader.int32(), reader.double(), reader.uint32(), reader.byte()]
          )
          for (const [place, value] of written.entries()) expect(Object.is(read[place], value)).to.equal(true)
        }
      )
    )
    for (const count of [0, 127, 128, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
      expect(
        thereAndBack(
          (writer) => writer.count(count),
          (reader) => reader.count()
        )
      ).to.equal(count)
    }
  })

  it('are read as the same texts, of any characters and length, in any place', () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 5 }), fc.integer({ min: 1, max: 100 }), (texts, size) => {
        const read = thereAndBack(
          (writer) => texts.forEach((each) => writer.string(each)),
          (reader) => texts.map(() => reader.string()),
          size
        )
        expect(read).to.deep.equal(texts)
      })
    )
  })

  it('take one byte for a character where that is enough', () => {
    for (const [value, size] of [
      ['', 1],
      ['x'.repeat(31), 32],
      ['é'.repeat(31), 32],
      ['x'.repeat(32), 34],
      ['é'.repeat(200), 203],
      ['日'.repeat(10), 22]
    ] as const) {
      const writer = new ByteWriter(1)
      writer.string(value)
      expect(writer.position, value).to.equal(size)
    }
  })

  it('go on in other memory, and the memory used so far is given back', () => {
    const writer = new ByteWriter(8)
    writer.string('before')
    const memory = Buffer.alloc(100).subarray(50, 60)
    const used = writer.exchange(memory)
    expect(used.subarray(1, 7).toString()).to.equal('before')
    writer.double(1.5)
    expect([memory.readDoubleLE(0), writer.position]).to.deep.equal([1.5, 8])
    writer.string('more than there is room for')
    expect(writer.bytes.length).to.be.greaterThan(10)
    expect(writer.bytes.readDoubleLE(0)).to.equal(1.5)
  })
})

describe('Bytes that are read', () => {
  function reading(
    bytes: readonly number[],
    read: (reader: ByteReader) => unknown,
    end = bytes.length
  ): () => unknown {
    const reader = new ByteReader()
    reader.begin(Buffer.from(bytes), 0, end)
    return () => read(reader)
  }

  it('never go beyond their end, though there is memory', () => {
    const reads: ((reader: ByteReader) => unknown)[] = [
      (reader) => reader.byte(),
      (reader) => reader.uint32(),
      (reader) => reader.int32(),
      (reader) => reader.double(),
      (reader) => reader.count(),
      (reader) => reader.string(),
      (reader) => reader.take(1)
    ]
    for (const read of reads) {
      expect(reading([1, 2, 3, 4, 5, 6, 7, 8, 9], read, 0)).to.throw(ProtocolViolation)
    }
    expect(reading([0x82, 0x61, 0x62], (reader) => reader.string(), 2)).to.throw(ProtocolViolation)
    expect(reading([0xa7, 3, 0x61, 0x62], (reader) => reader.string())).to.throw(ProtocolViolation)
  })

  it('are no number beyond the safe integers, and no text of half a character', () => {
    const count = (reader: ByteReader): number => reader.count()
    expect(reading([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f], count)()).to.equal(
      Number.MAX_SAFE_INTEGER
    )
    expect(reading([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x10], count)).to.throw(ProtocolViolation)
    expect(reading(Array<number>(20).fill(0xff), count)).to.throw(ProtocolViolation)
    expect(reading([0xa8, 1, 0x61], (reader) => reader.string())).to.throw(ProtocolViolation)
    expect(reading([0xa0], (reader) => reader.string())).to.throw(ProtocolViolation)
    expect(reading([5, 1], (reader) => reader.length())).to.throw(ProtocolViolation)
  })
})
