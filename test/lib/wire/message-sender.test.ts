import { expect } from 'chai'
import { setImmediate as turn } from 'node:timers/promises'
import { Decoder } from '../../../lib/wire/decoder.js'
import { readMessage } from '../../../lib/wire/message-reader.js'
import { MessageSender } from '../../../lib/wire/message-sender.js'
import { PARCEL } from '../../../lib/wire/message-tags.js'
import type { Target } from '../../../lib/wire/messages.js'
import { CHUNK_SIZE } from '../../../lib/wire/protocol-limits.js'
import { LentThings } from '../../../lib/wire/references.js'
import { FullChannel } from '../../support/full-channel.js'

const KIB = 1024
const MIB = 1024 * KIB

const target: Target = { package: 'p', path: 'f' }

describe('A sender of messages', () => {
  let channel: FullChannel
  let sender: MessageSender
  let maxBytes: number

  beforeEach(() => {
    channel = new FullChannel()
    maxBytes = 100 * MIB
    const lent = new LentThings(
      () => 100,
      () => {}
    )
    sender = new MessageSender(
      channel,
      lent,
      () => maxBytes,
      () => true
    )
  })

  /** `release` takes three bytes: its type, the reference and the count. */
  function sendSmall(count = 1): void {
    for (let left = count; left > 0; left--) sender.send({ type: 'release', reference: 1, count: 1 }, false)
  }

  function sendText(length: number, ordered = false): void {
    sender.send({ type: 'result', id: 1, value: 'x'.repeat(length) }, ordered)
  }

  it('sends what was said within a tick in batches of 16, 32, 64 and so on, and the rest at its end', async () => {
    sendSmall(16 + 32 + 64 + 128 + 5)
    expect(channel.batches.map(({ bytes }) => bytes.length / 3)).to.deep.equal([16, 32, 64, 128])
    expect(sender.batched).to.equal(5)
    await turn()
    expect(channel.batches[4]?.bytes.length).to.equal(15)
    expect(sender.batched).to.equal(0)
    sendSmall(17)
    await turn()
    expect(channel.batches.slice(5).map(({ bytes }) => bytes.length / 3)).to.deep.equal([16, 1])
  })

  it('sends no batch of more than 1024 messages, and none much larger than 64 KiB', async () => {
    sendSmall(20_000)
    expect(Math.max(...channel.batches.map(({ bytes }) => bytes.length))).to.equal(3 * 1024)
    channel.writes.length = 0
    for (let left = 100; left > 0; left--) sendText(30 * KIB)
    await turn()
    expect(Math.max(...channel.batches.map(({ bytes }) => bytes.length))).to.be.within(64 * KIB, 96 * KIB)
  })

  it('sends at once when it is told to, and nothing when there is nothing', () => {
    sender.flush()
    expect(channel.writes).to.have.length(0)
    sendSmall(2)
    sender.flush()
    sender.flush()
    expect(channel.batches.map(({ bytes }) => bytes.length)).to.deep.equal([6])
  })

  it('sends a large message in chunks, behind the batch it came with, and small ones between', async () => {
    sendSmall()
    const length = 2 * CHUNK_SIZE + 100
    sendText(length)
    sendSmall()
    await turn()
    await turn()
    const chunks = channel.frames.filter(({ kind }) => kind === 1)
    expect(chunks.map(({ bytes }) => bytes.length)).to.deep.equal([CHUNK_SIZE, CHUNK_SIZE, 110])
    expect(channel.frames[0]).to.include({ kind: 0 })
    const value = Buffer.concat(chunks.map(({ bytes }) => bytes)).subarray(-length)
    expect(value.equals(Buffer.from('x'.repeat(length)))).to.equal(true)
  })

  it('never writes over memory that the channel still needs, however full it is', async () => {
    let sent = 0
    for (let round = 0; round < 60; round++) {
      channel.isFull = round % 3 !== 0
      for (let left = round; left > 0; left--) {
        sendText((round * 977 + left * 131) % 5000)
        if (left % 17 === 0) sendText(270 * KIB + left)
        sent += left % 17 === 0 ? 2 : 1
      }
      await turn()
      if (round % 2 === 0) sendSmall(round)
      channel.empty()
      sender.drained()
    }
    channel.isFull = false
    for (let left = 100; left > 0; left--) {
      channel.empty()
      sender.drained()
      await turn()
    }
    const chunks = new Map<number, number>()
    for (const { kind, parcel } of channel.frames) if (kind === 1) chunks.set(parcel as number, 1)
    const results = channel.batches.reduce((sum, { bytes }) => sum + resultsIn(bytes), 0)
    expect(results + chunks.size).to.equal(sent)
    expect(sender.unsentBytes).to.equal(0)
  })

  it('gathers batches while the channel is full, and says how much waits', async () => {
    channel.isFull = true
    sendSmall(16)
    expect(channel.writes).to.have.length(1)
    for (let left = 10; left > 0; left--) sendText(30 * KIB)
    sendText(300 * KIB, true)
    await turn()
    expect(channel.writes).to.have.length(1)
    expect(sender.unsentBytes).to.be.within(300 * KIB, 301 * KIB)
    expect(sender.unsentOrderedBytes - sender.unsentBytes).to.be.within(300 * KIB, 301 * KIB)
    channel.isFull = false
    channel.empty()
    sender.drained()
    await turn()
    expect(Math.max(...channel.batches.map(({ bytes }) => bytes.length))).to.be.lessThan(129 * KIB)
    expect([sender.unsentBytes, sender.unsentOrderedBytes]).to.deep.equal([0, 0])
  })

  it('lets ordered messages wait behind an ordered one that travels in chunks, and no others', async () => {
    channel.isFull = true
    sendSmall(16)
    sendText(300 * KIB, true)
    sender.send({ type: 'invoke', id: 5, reference: 1, parameters: ['ordered'] }, true)
    sender.send({ type: 'call', id: 6, target, parameters: ['other'] }, false)
    channel.isFull = false
    sender.drained()
    await turn()
    const texts = channel.frames.map(({ bytes }) => bytes.toString('latin1'))
    const place = (word: string): number => texts.findIndex((text) => text.includes(word))
    expect(place('other')).to.be.lessThan(place('xxxxx'))
    expect(place('xxxxx')).to.be.lessThan(place('ordered'))
  })

  it('names a target once, then by its number, unless its message may be overtaken', async () => {
    const call = (parameters: unknown[]): void =>
      sender.send({ type: 'call', id: 1, target, parameters }, false)
    call([Buffer.alloc(300 * KIB)])
    call([])
    call([])
    await turn()
    const sizes = channel.batches.map(({ bytes }) => bytes.length)
    const texts = channel.frames.map(({ bytes }) => bytes.toString('latin1'))
    expect(texts.filter((text) => text.includes('\x81p\x81f'))).to.have.length(2)
    expect(sizes.length).to.be.greaterThan(0)
    channel.writes.length = 0
    call([Buffer.alloc(300 * KIB)])
    await turn()
    expect(channel.frames.some(({ bytes }) => bytes.includes('\x81p\x81f'))).to.equal(false)
  })

  it('takes back what a refused message had begun, in the middle of a batch', async () => {
    sendSmall(2)
    for (const value of [{ fresh: Symbol('s') }, [() => {}, { more: Symbol('s') }]]) {
      expect(() => sender.send({ type: 'result', id: 1, value }, false)).to.throw('NOT_CLONEABLE')
    }
    maxBytes = 10
    expect(() => sendText(50)).to.throw('TOO_LARGE')
    sendSmall(2)
    await turn()
    expect(channel.batches.map(({ bytes }) => bytes.length)).to.deep.equal([12])
  })

  it('sends nothing once it is stopped', async () => {
    sendSmall()
    sendText(300 * KIB)
    sender.stop()
    sendSmall(100)
    sender.flush()
    sender.drained()
    await turn()
    expect(channel.writes).to.have.length(0)
  })
})

/** How many results there are in a batch, whose calls have no targets. */
function resultsIn(bytes: Buffer): number {
  const decoder = new Decoder()
  decoder.begin(bytes, 0, bytes.length)
  let results = 0
  while (decoder.position < bytes.length) {
    const type = decoder.byte()
    if (type !== PARCEL) results += readMessage(decoder, [], type).type === 'result' ? 1 : 0
    else skipAnnouncement(decoder)
  }
  return results
}

function skipAnnouncement(decoder: Decoder): void {
  decoder.count()
  for (let left = decoder.count(); left > 0; left--) decoder.count()
}
