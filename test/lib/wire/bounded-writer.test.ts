import { expect } from 'chai'
import { BoundedWriter } from '../../../lib/wire/bounded-writer.js'
import {
  ARRAY_BUFFER_KIND,
  ATTACHMENT_THRESHOLD,
  ATTACHMENTS_LIMIT,
  INLINE_LIMIT,
  MESSAGE_SLACK,
  OBJECT_WEIGHT,
  weightLimit
} from '../../../lib/wire/tags.js'
import { thrownBy } from '../../support/thrown-by.js'

const LIMIT = 1000

/** What an encoder does with it. */
class Writer extends BoundedWriter {
  begin(): this {
    this.beginBounds()
    return this
  }

  object(): void {
    this.endObject()
  }

  drop(count = 0): void {
    if (count === 0) this.dropAttachments()
    else this.detach(count)
  }
}

describe('A writer with limits', () => {
  let writer: Writer

  beforeEach(() => {
    writer = new Writer(64)
    writer.limit = LIMIT
    writer.begin()
  })

  const tooLarge = (act: () => void): unknown => (thrownBy(act) as { details: unknown }).details

  it('lets each message have as many bytes as the limit says, wherever it begins', () => {
    for (let message = 0; message < 3; message++) {
      writer.begin()
      writer.raw(Buffer.alloc(LIMIT))
      writer.checkSize()
      writer.byte(0)
      expect(tooLarge(() => writer.checkSize())).to.deep.equal({ size: LIMIT + 1, limit: LIMIT })
    }
  })

  it('takes no memory for what goes far beyond the limit', () => {
    writer.raw(Buffer.alloc(LIMIT))
    const { length } = writer.bytes
    const block = Buffer.alloc(MESSAGE_SLACK + 1)
    const size = LIMIT + MESSAGE_SLACK + 1
    expect(tooLarge(() => writer.raw(block))).to.deep.equal({ size, limit: LIMIT })
    expect([writer.position, writer.bytes.length]).to.deep.equal([LIMIT, length])
  })

  it('counts attachments among the bytes of their message, until they are taken back or dropped', () => {
    const block = Buffer.alloc(LIMIT / 2 - 20)
    writer.attach(ARRAY_BUFFER_KIND, block)
    writer.attach(ARRAY_BUFFER_KIND, block)
    expect(writer.attachments).to.deep.equal([block, block])
    expect(() => writer.attach(ARRAY_BUFFER_KIND, block)).to.throw('TOO_LARGE')
    writer.drop(1)
    expect([writer.attachments.length, writer.attachedBytes]).to.deep.equal([1, block.length])
    writer.checkSize()
    writer.drop()
    expect([writer.attachments.length, writer.attachedBytes]).to.deep.equal([0, 0])
  })

  it('attaches what would make a message long, then everything large, as far as there are places', () => {
    const [small, large] = [ATTACHMENT_THRESHOLD - 1, ATTACHMENT_THRESHOLD].map((size) => Buffer.alloc(size))
    const [inline, long] = [INLINE_LIMIT, INLINE_LIMIT + 1].map((size) => Buffer.alloc(size))
    const attached = (): (boolean | undefined)[] =>
      [small, large, inline, long].map((bytes) => bytes && writer.attaches(bytes))
    expect(attached()).to.deep.equal([false, false, false, true])
    writer.byte(0)
    expect(attached()).to.deep.equal([false, false, true, true])
    writer.adopt(Buffer.alloc(1))
    expect(attached()).to.deep.equal([false, true, true, true])
    for (let count = 1; count < ATTACHMENTS_LIMIT; count++) writer.adopt(Buffer.alloc(1))
    expect(attached()).to.deep.equal([false, false, false, false])
  })

  it('lets the objects of a message weigh as much as the limit allows, and of the next one as much again', () => {
    const most = weightLimit(LIMIT)
    for (let message = 0; message < 3; message++) {
      writer.begin()
      writer.weigh(most - OBJECT_WEIGHT)
      writer.object()
      expect(tooLarge(() => writer.object())).to.deep.equal({ size: most + OBJECT_WEIGHT, limit: LIMIT })
    }
    writer.begin()
    expect(() => writer.weigh(most + 1)).to.throw('TOO_LARGE')
  })

  it('checks the bytes with each object', () => {
    writer.raw(Buffer.alloc(LIMIT))
    writer.object()
    writer.byte(0)
    expect(tooLarge(() => writer.object())).to.deep.equal({ size: LIMIT + 1, limit: LIMIT })
  })

  it('begins each message with the characters of its own regular expressions', () => {
    writer.expressions = 5
    expect(writer.begin().expressions).to.equal(0)
  })
})
