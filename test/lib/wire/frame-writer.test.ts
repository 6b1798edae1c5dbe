import { expect } from 'chai'
import { FrameWriter } from '../../../lib/wire/frame-writer.js'
import { PARCEL } from '../../../lib/wire/message-tags.js'
import { BATCH_LIMIT, CHUNK_SIZE, MESSAGE_LIMIT } from '../../../lib/wire/protocol-limits.js'
import { OutgoingParcels } from '../../../lib/wire/outgoing-parcels.js'
import { FullChannel } from '../../support/full-channel.js'

const KIB = 1024
const MIB = 1024 * KIB
const INITIAL_SIZE = BATCH_LIMIT + MESSAGE_LIMIT

describe('A writer of frames', () => {
  let channel: FullChannel
  let frames: FrameWriter

  beforeEach(() => {
    channel = new FullChannel()
    frames = new FrameWriter(channel)
  })

  function write(text: string): void {
    frames.begin()
    frames.encoder.raw(Buffer.from(text))
    frames.grown()
  }

  function texts(): string[] {
    return channel.frames.map(({ bytes }) => bytes.toString())
  }

  function parcelsOf(...parts: Uint8Array[]): OutgoingParcels {
    const parcels = new OutgoingParcels(() => 100 * MIB)
    parcels.add(parts, false)
    return parcels
  }

  function writeAll(parcels: OutgoingParcels): void {
    while (!parcels.empty) frames.writeChunk(parcels)
  }

  it('hands what was written over in one frame, when it is told to', () => {
    for (const text of ['one ', 'two ', 'three']) write(text)
    expect([frames.batched, frames.unsentBytes]).to.deep.equal([3, 4 + 13])
    expect(channel.writes).to.have.length(0)
    frames.flush()
    expect(texts()).to.deep.equal(['one two three'])
    expect([frames.batched, frames.unsentBytes]).to.deep.equal([0, 0])
  })

  it('writes no empty frame: neither before the first message nor when the only one was taken back', () => {
    frames.flush()
    frames.encoder.position = frames.begin()
    frames.flush()
    expect(channel.writes).to.have.length(0)
    expect(frames.unsentBytes).to.equal(0)
    write('next')
    frames.flush()
    expect(texts()).to.deep.equal(['next'])
  })

  it('doubles its batches from 16 to 1024 messages, and begins with 16 again in the next tick', () => {
    for (let count = 0; count < 5000; count++) write('x')
    const lengths = texts().map(({ length }) => length)
    expect(lengths).to.deep.equal([16, 32, 64, 128, 256, 512, 1024, 1024, 1024])
    frames.flush()
    frames.beginTick()
    channel.writes.length = 0
    for (let count = 0; count < 16 + 32; count++) write('x')
    expect(texts().map(({ length }) => length)).to.deep.equal([16, 32])
  })

  it('hands a batch over as soon as it is larger than a batch should be', () => {
    write('x'.repeat(BATCH_LIMIT - 10))
    expect(channel.writes).to.have.length(0)
    write('y'.repeat(10))
    expect(texts().map(({ length }) => length)).to.deep.equal([BATCH_LIMIT])
  })

  it('knows what its batch ends with, until that leaves or it is stopped', () => {
    const { repetition } = frames
    const ends = [() => frames.flush(), () => frames.stop()]
    for (const end of ends) {
      write('an invocation')
      repetition.endsWith({ type: 'invoke', id: -7, reference: 3, parameters: [] })
      expect(repetition.goesOn(-6, 3, false)).to.equal(true)
      end()
      expect(repetition.goesOn(-6, 3, false)).to.equal(false)
    }
  })

  it('puts a chunk behind the batch, in one write, and its announcement at the end of the batch', () => {
    write('batch')
    writeAll(parcelsOf(Buffer.alloc(CHUNK_SIZE + 5000, 'c')))
    expect(channel.writes).to.have.length(2)
    const [batch, first, second] = channel.frames
    expect(batch?.bytes.subarray(0, 5).toString()).to.equal('batch')
    expect(batch?.bytes[5]).to.equal(PARCEL)
    const chunks = [first, second].map((chunk) => [chunk?.kind, chunk?.parcel, chunk?.bytes.length])
    expect(chunks).to.deep.equal([
      [1, 0, CHUNK_SIZE],
      [1, 0, 5000]
    ])
  })

  it('writes small chunks together, each behind its header', () => {
    const parcels = parcelsOf(Buffer.from('first'))
    parcels.add([Buffer.from('second')], false)
    frames.writeChunk(parcels)
    expect(channel.writes).to.have.length(1)
    const chunks = channel.frames.filter(({ kind }) => kind === 1)
    expect(chunks.map(({ bytes }) => bytes.toString())).to.deep.equal(['first', 'second'])
  })

  it('goes on in other memory while the channel is full, and hands over what gathered when it is drained', () => {
    channel.isFull = true
    write('held')
    frames.flush()
    expect([frames.state, frames.unsentBytes]).to.deep.equal(['blocked', 8])
    write('gathered')
    frames.flush()
    expect(channel.writes).to.have.length(1)
    channel.empty()
    channel.isFull = false
    frames.drained()
    expect(frames.state).to.equal('open')
    expect(texts()).to.deep.equal(['held', 'gathered'])
  })

  it('gathers in frames that are not much larger than a batch, and hands them over at once', () => {
    channel.isFull = true
    write('held')
    frames.flush()
    for (let count = 0; count < 10; count++) write('x'.repeat(30 * KIB))
    frames.drained()
    expect(channel.writes).to.have.length(2)
    const lengths = channel.frames.map(({ bytes }) => bytes.length)
    expect(lengths).to.deep.equal([4, 90 * KIB, 90 * KIB, 90 * KIB, 30 * KIB])
  })

  it('is blocked again when the channel takes what has gathered and is full once more', () => {
    channel.isFull = true
    for (const text of ['one', 'two', 'three']) {
      write(text)
      channel.empty()
      if (frames.state === 'open') frames.flush()
      else frames.drained()
      expect([frames.state, frames.unsentBytes]).to.deep.equal(['blocked', 4 + text.length])
    }
    channel.empty()
    expect(texts()).to.deep.equal(['one', 'two', 'three'])
  })

  it('cuts the last message out of the batch, which goes on as if it had not been there', () => {
    for (const length of [10, INITIAL_SIZE - 100, INITIAL_SIZE + 1, 5 * MIB]) {
      write('before ')
      const start = frames.begin()
      frames.encoder.raw(Buffer.alloc(length, 'm'))
      const message = frames.cut(start)
      expect(frames.encoder.position, String(length)).to.equal(start)
      write('behind')
      frames.flush()
      expect(texts().at(-1)).to.equal('before behind')
      expect(message.equals(Buffer.alloc(length, 'm')), String(length)).to.equal(true)
    }
  })

  it('lets a message for which the memory had to grow take that memory along', () => {
    const start = frames.begin()
    frames.encoder.raw(Buffer.alloc(5 * MIB))
    const grown = frames.encoder.bytes
    expect(frames.cut(start).buffer).to.equal(grown.buffer)
    expect(frames.encoder.bytes.length).to.equal(INITIAL_SIZE)
  })

  it('keeps no memory that had to grow for what was taken back', () => {
    write('before ')
    const start = frames.begin()
    frames.shrink()
    const { bytes } = frames.encoder
    frames.encoder.raw(Buffer.alloc(5 * MIB))
    frames.encoder.position = start
    frames.shrink()
    expect(frames.encoder.bytes.length).to.equal(bytes.length)
    write('behind')
    frames.flush()
    expect(texts()).to.deep.equal(['before behind'])
  })

  it('writes nothing once it is stopped', () => {
    write('batch')
    frames.stop()
    frames.flush()
    for (let count = 0; count < 2000; count++) write('x')
    expect(channel.writes).to.have.length(0)
  })
})
