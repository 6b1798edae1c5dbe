import { expect } from 'chai'
import { ByteWriter } from '../../../lib/wire/byte-writer.js'
import { ProtocolViolation } from '../../../lib/wire/byte-reader.js'
import { Decoder } from '../../../lib/wire/decoder.js'
import { readPath, ReferenceReader, type ReferenceTable } from '../../../lib/wire/live-reader.js'
import * as tag from '../../../lib/wire/tags.js'
import { thrownBy } from '../../support/thrown-by.js'

const { object, function: lentFunction, home, step } = tag.referenceKinds

function read(fill: (writer: ByteWriter) => void, mayBeOperands = false): unknown {
  const writer = new ByteWriter(64)
  fill(writer)
  const bytes = Buffer.from(writer.bytes.subarray(0, writer.position))
  const decoder = new Decoder()
  const table: Partial<ReferenceTable> = {
    borrowObject: (number, label) => [number, label],
    borrowFunction: (number, length, name) => [number, length, name],
    lentThing: (number) => number
  }
  const reader = new ReferenceReader(table as ReferenceTable)
  reader.mayBeOperands = mayBeOperands
  decoder.begin(bytes, 0, bytes.length)
  return reader.read(decoder)
}

describe('The reader of references', () => {
  it('reads what an honest side writes', () => {
    const anObject = read((writer) => {
      writer.byte(object)
      writer.count(2 ** 33)
      writer.string('Tool')
    })
    expect(anObject).to.deep.equal([2 ** 33, 'Tool'])
    const itself = read((writer) => {
      writer.byte(home)
      writer.count(7)
      writer.count(0)
    })
    expect(itself).to.equal(7)
  })

  const hostile: [title: string, reason: RegExp, fill: (writer: ByteWriter) => void][] = [
    ['an unknown kind', /unknown kind/, (writer) => writer.byte(99)],
    ['nothing', /too early/, () => undefined],
    [
      'a function with more parameters than there are',
      /too many parameters/,
      (writer) => {
        writer.byte(lentFunction)
        writer.count(1)
        writer.count(tag.FUNCTION_LENGTH_LIMIT + 1)
        writer.string('f')
      }
    ],
    [
      'a name without end',
      /too long a name/,
      (writer) => {
        writer.byte(object)
        writer.count(1)
        writer.string('x'.repeat(tag.FUNCTION_NAME_LIMIT + 1))
      }
    ],
    [
      'an operand where none may be',
      /operand/,
      (writer) => {
        writer.byte(step)
        writer.count(0)
        writer.count(0)
      }
    ],
    [
      'a path without end',
      /path is too long/,
      (writer) => {
        writer.byte(home)
        writer.count(0)
        writer.count(2 ** 40)
      }
    ]
  ]
  for (const [title, reason, fill] of hostile) {
    it(`takes ${title} for a violation`, () => {
      const error = thrownBy(() => read(fill)) as ProtocolViolation
      expect(error).to.be.instanceOf(ProtocolViolation)
      expect(error.reason).to.match(reason)
    })
  }

  it('reads paths of up to 16 names', () => {
    const names = Array.from({ length: 16 }, (unused, place) => `name ${place}`)
    const writer = new ByteWriter(64)
    writer.count(names.length)
    for (const name of names) writer.string(name)
    const decoder = new Decoder()
    decoder.begin(Buffer.from(writer.bytes.subarray(0, writer.position)), 0, writer.position)
    expect(readPath(decoder)).to.deep.equal(names)
  })
})
