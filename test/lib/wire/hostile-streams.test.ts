import { expect } from 'chai'
import { ProtocolViolation } from '../../../lib/wire/byte-reader.js'
import { Decoder } from '../../../lib/wire/decoder.js'
import { Encoder } from '../../../lib/wire/encoder.js'
import { ReferenceReader, type ReferenceTable } from '../../../lib/wire/live-reader.js'
import type { StreamKind } from '../../../lib/wire/stream-kinds.js'
import { referenceKinds, streamFlags } from '../../../lib/wire/tags.js'
import { thrownBy } from '../../support/thrown-by.js'

describe('A stream that is read from a message', () => {
  const borrowed: [number, StreamKind][] = []
  const table: ReferenceTable = {
    borrowObject: () => ({}),
    borrowFunction: () => () => undefined,
    borrowStream: (number, kind) => borrowed.push([number, kind]),
    lentThing: () => undefined
  }
  beforeEach(() => void borrowed.splice(0))

  /** What is read of these: numbers as bytes, texts as they are. */
  function read(...parts: (number | string)[]): unknown {
    const encoder = new Encoder(64)
    encoder.begin()
    for (const part of parts) {
      if (typeof part === 'number') encoder.byte(part)
      else encoder.string(part)
    }
    const decoder = new Decoder()
    decoder.begin(Buffer.from(encoder.bytes.subarray(0, encoder.position)), 0, encoder.position)
    decoder.beginMessage()
    return new ReferenceReader(table).read(decoder)
  }

  it('is what it was, alone or in a pair', () => {
    const { readsObjects, isHalfOpen } = streamFlags
    read(referenceKinds.stream, 7, 2, readsObjects + isHalfOpen, 'utf8', 'Gzip')
    const flags = { readsObjects: true, writesObjects: false, isHalfOpen: true }
    expect(borrowed).to.deep.equal([[7, { flavour: 'duplex', ...flags, encoding: 'utf8', label: 'Gzip' }]])
    const one = [3, 0, '', 'ReadableStream']
    const other = [4, 0, '', 'WritableStream']
    expect(read(referenceKinds.pair, 1, ...one, 2, ...other)).to.have.keys('readable', 'writable')
    expect(borrowed.map(([number]) => number)).to.deep.equal([7, 1, 2])
  })

  it('is a violation with an unknown kind, an unknown encoding or too long a name', () => {
    const wrong = [
      [referenceKinds.stream, 1, 5, 0, '', ''],
      [referenceKinds.stream, 1, 0, 0, 'klingon', ''],
      [referenceKinds.stream, 1, 0, 0, '', 'x'.repeat(300)],
      [referenceKinds.pair, 1, 3, 0, '', '', 2, 9, 0, '', '']
    ]
    for (const parts of wrong) expect(thrownBy(() => read(...parts))).to.be.an.instanceOf(ProtocolViolation)
    expect(borrowed).to.have.length(1)
  })
})
