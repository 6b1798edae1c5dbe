import { expect } from 'chai'
import fc from 'fast-check'
import { ProtocolViolation } from '../../../lib/wire/byte-reader.js'
import { Decoder } from '../../../lib/wire/decoder.js'
import { Encoder } from '../../../lib/wire/encoder.js'
import { Iterated } from '../../../lib/wire/iterated.js'
import { ReferenceReader, type ReferenceTable } from '../../../lib/wire/live-reader.js'
import { ReferenceWriter } from '../../../lib/wire/live-writer.js'
import { NotCloneable } from '../../../lib/wire/not-cloneable.js'
import { packLive } from '../../../lib/wire/packed.js'
import { Refusal } from '../../../lib/wire/refusal.js'
import * as tag from '../../../lib/wire/tags.js'
import { difference } from '../../support/same-graph.js'
import { thrownBy } from '../../support/thrown-by.js'

/** Live values from one side to the other. */
class Line {
  readonly lent: object[] = []
  readonly encoder = new Encoder(64)
  readonly decoder = new Decoder()

  constructor() {
    const lend = (thing: object): number => this.lent.push(thing) - 1
    this.encoder.references = new ReferenceWriter(lend, () => true)
    const table: Partial<ReferenceTable> = {
      borrowObject: (number, label) => `${label} ${number}`,
      borrowFunction: (number) => `function ${number}`
    }
    this.decoder.references = new ReferenceReader(table as ReferenceTable)
  }

  write(value: unknown): Buffer {
    const { encoder } = this
    encoder.position = 0
    encoder.begin()
    encoder.live = encoder.references
    encoder.value(value)
    encoder.live = undefined
    return Buffer.from(encoder.bytes.subarray(0, encoder.position))
  }

  read(bytes: Buffer): unknown {
    const { decoder } = this
    decoder.begin(bytes, 0, bytes.length)
    decoder.beginMessage()
    const value = decoder.liveValue()
    expect(decoder.position).to.equal(decoder.end)
    return value
  }

  items(...items: unknown[]): unknown[] {
    return [...(this.read(this.write(new Iterated(items, false))) as Iterated).items]
  }
}

class Tool {
  one = 1
}

describe('What came of an iterator, on the wire', () => {
  it('arrives as the items that were sent, and says whether there are more', () => {
    const line = new Line()
    for (const done of [true, false]) {
      for (const items of [[], [1, 'two', [3, [4]], { five: 5 }, undefined, null]]) {
        const arrived = line.read(line.write(new Iterated(items, done)))
        expect(arrived).to.be.instanceOf(Iterated).and.to.deep.equal(new Iterated(items, done))
      }
    }
  })

  it('has items that are complete, in value, class and identity, each by itself', () => {
    const line = new Line()
    const item = fc.anything({
      ...{ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true },
      ...{ withNullPrototype: true }
    })
    fc.assert(
      fc.property(fc.array(item, { maxLength: 40 }), (items) => {
        const arrived = line.items(...items)
        expect(arrived).to.have.length(items.length)
        for (const [place, each] of items.entries()) {
          expect(difference(each, arrived[place])).to.equal(undefined)
        }
      }),
      { numRuns: 300 }
    )
  })

  it('keeps what is the same within an item, and not what two of them share', () => {
    const shared = { many: [...Array(40).keys()].map((n) => ({ n })) }
    const own: Record<string, unknown> = { shared }
    own['self'] = own
    const [first, second, third] = new Line().items([shared, shared], own, [own, shared]) as [
      unknown[],
      Record<string, unknown>,
      unknown[]
    ]
    expect(first[0]).to.equal(first[1])
    expect(second['self']).to.equal(second)
    expect(second['shared']).to.deep.equal(first[0])
    expect(second['shared']).not.to.equal(first[0])
    expect(third[1]).to.equal((third[0] as typeof second)['shared'])
    expect(third[0]).not.to.equal(second)
  })

  it('keeps it also behind an error that has something which cannot cross', () => {
    const objects = [...Array(30).keys()].map((n) => ({ n }))
    const failed = Object.assign(new Error('failed'), { bad: [...objects, Symbol('bad')] })
    const [, second] = new Line().items(objects, [objects[20], failed, objects[20], failed]) as unknown[][]
    expect(second?.[2]).to.equal(second?.[0])
    expect(second?.[3]).to.equal(second?.[1])
  })

  it('has references and functions among its items and within them', () => {
    const line = new Line()
    const tool = new Tool()
    const callback = (): void => undefined
    expect(line.items(tool, callback, { tool, deep: [new Tool()] })).to.deep.equal([
      'Tool 0',
      'function 1',
      { tool: 'Tool 2', deep: ['Tool 3'] }
    ])
    expect(line.lent[2]).to.equal(tool)
  })

  it('can be packed, with what is large and what stays where it is beside it', () => {
    const large = Buffer.alloc(300_000, 7)
    const packed = packLive(new Iterated([[large, new Tool()], large], true), 'result', 1_000_000)
    expect(packed.things).to.have.length(1)
    const { decoder } = new Line()
    decoder.attachments = packed.attachments.map((attachment) => Uint8Array.from(attachment))
    decoder.things = ['the tool']
    decoder.begin(Buffer.from(packed.bytes), 0, packed.bytes.length)
    decoder.beginMessage()
    const { items, done } = decoder.packedValue(true) as Iterated
    expect(done).to.equal(true)
    expect(items).to.deep.equal([[large, 'the tool'], large])
  })

  it('counts for all its items together in the limits of a message', () => {
    const { encoder } = new Line()
    const write = (count: number, item: unknown): void => {
      encoder.begin()
      encoder.live = encoder.references
      encoder.value(new Iterated(Array<unknown>(count).fill(item), false))
    }
    encoder.limit = 10_000
    write(5, 'x'.repeat(1000))
    expect(thrownBy(() => write(12, 'x'.repeat(1000))))
      .to.be.instanceOf(Refusal)
      .with.property('code', 'TOO_LARGE')
    encoder.limit = 1000
    expect(thrownBy(() => write(100_000, []))).to.have.property('code', 'TOO_LARGE')
  })

  it('refuses an item that cannot cross', () => {
    const refused = thrownBy(() => new Line().items(1, { inside: [Symbol('bad')] }))
    expect(refused).to.be.instanceOf(NotCloneable)
  })

  it('is an object like any other where it is not the whole value', () => {
    expect(new Line().items(new Iterated([1], true))).to.deep.equal(['Iterated 0'])
    const trap = new Proxy(new Iterated([1], true), { getPrototypeOf: () => expect.fail('it was asked') })
    const line = new Line()
    line.read(line.write(trap))
    expect(line.lent[0]).to.equal(trap)
  })
})

describe('Items of an iterator that cannot have been written', () => {
  const wrong: Record<string, number[]> = {
    'without an end': [tag.ITEMS, 0, 2, 1],
    'more than there are bytes': [tag.ITEMS, 0, 0xff, 0xff, 0xff, 0x7f, 1],
    'that refer to one before': [tag.ITEMS, 0, 2, tag.ARRAY, 0, tag.SEEN, 0],
    'that refer to one to come': [tag.ITEMS, 0, 2, tag.SEEN, 0, tag.ARRAY, 0],
    'that refer to what is in one before': [
      tag.ITEMS,
      0,
      2,
      tag.ARRAY,
      1,
      tag.ARRAY,
      0,
      tag.ARRAY,
      1,
      tag.SEEN,
      1
    ],
    'within an array': [tag.ARRAY, 1, tag.ITEMS, 0, 1, 1],
    'within themselves': [tag.ITEMS, 0, 1, tag.ITEMS, 0, 1, 1]
  }
  for (const [name, bytes] of Object.entries(wrong)) {
    it(`are a violation ${name}`, () => {
      expect(() => new Line().read(Buffer.from(bytes))).to.throw(ProtocolViolation)
    })
  }

  it('are a violation in a value that is no live one', () => {
    const { decoder } = new Line()
    decoder.begin(Buffer.from([tag.ITEMS, 0, 1, 1]), 0, 4)
    decoder.beginMessage()
    expect(() => decoder.value()).to.throw(ProtocolViolation, 'items where none may be')
  })

  it('are a violation where they weigh more than a message may, or nest too deeply', () => {
    const many = Buffer.alloc(100_000, tag.NULL)
    Buffer.from([tag.ITEMS, 0, 0x80, 0x80, 0x04]).copy(many)
    const line = new Line()
    line.decoder.mostWeight = 400_000
    expect(() => line.read(many)).to.throw(ProtocolViolation, 'too large')
    const deep = Buffer.concat([
      Buffer.from([tag.ITEMS, 0, 1]),
      Buffer.alloc(4000, Buffer.from([tag.ARRAY, 1]))
    ])
    expect(() => new Line().read(deep)).to.throw(ProtocolViolation, 'nests too deeply')
  })
})
