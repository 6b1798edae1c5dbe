import { expect } from 'chai'
import { collectUntil } from '../../support/garbage.js'
import { Refusal } from '../../../lib/wire/refusal.js'
import { conversation, conversationOfEachTest, type Conversation } from '../../support/conversation.js'
import { difference } from '../../support/same-graph.js'

const KIB = 1024
const MIB = 1024 * KIB

function filled(length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (unused, place) => (place * 7 + (place >> 8)) & 0xff))
}

async function refusalOf(call: Promise<unknown>): Promise<Refusal> {
  const reason: unknown = await call.then(
    () => 'answered',
    (error: unknown) => error
  )
  expect(reason).to.be.instanceOf(Refusal)
  return reason as Refusal
}

describe('A value of any size', () => {
  let talk: Conversation
  const start = conversationOfEachTest((begun) => (talk = begun))

  it('arrives, be it just below or above what is sent on its own', async () => {
    const { host } = talk
    for (const size of [0, 1, 64 * KIB - 1, 64 * KIB, 64 * KIB + 1, 256 * KIB, 256 * KIB + 1, MIB]) {
      const bytes = filled(size)
      const memory = new Uint8Array(bytes).buffer
      const values = [
        bytes,
        memory,
        new Uint8Array(memory),
        new DataView(memory),
        new Float64Array(memory, 0, Math.floor(size / 8)),
        'x'.repeat(size),
        'é'.repeat(size),
        '\ud800'.repeat(size),
        2n ** BigInt(size)
      ]
      for (const value of values) {
        expect(difference(value, await host.call(value)), `${size} bytes`).to.equal(undefined)
      }
      expect(difference(values, await host.call(values)), `${size} bytes together`).to.equal(undefined)
    }
  })

  it('arrives whatever the number of its messages and the pieces in which it comes', async () => {
    for (const pieces of [1000, 4095, 4096, 4097, 65_536]) {
      const { host } = start({ pieces, capacity: 100_000 })
      const sizes = [10, 70_000, 10, 300_000, 65_536, 0, 40_000, 40_000, 40_000, 1]
      const answers = await Promise.all(sizes.map((size) => host.call(filled(size), 'x'.repeat(size))))
      for (const [place, answer] of answers.entries()) {
        expect(difference(filled(sizes[place] ?? 0), answer)).to.equal(undefined)
      }
    }
  })

  it('makes objects of new shapes known however large their message is', async () => {
    const { host } = talk
    for (let round = 0; round < 5; round++) {
      const value = { [`new${round}`]: { [`inner${round}`]: 'x'.repeat(200_000) }, bytes: filled(300_000) }
      const [large, small] = await Promise.all([host.call(value), host.call({ [`new${round}`]: 1 })])
      expect(difference([value, { [`new${round}`]: 1 }], [large, small])).to.equal(undefined)
    }
  })

  it('does not make a small call wait', async () => {
    const { host, space } = start({ capacity: 200_000 })
    space.handle = (value: Buffer | string) => value.length
    const order: unknown[] = []
    const large = host.call(Buffer.alloc(64 * MIB)).then((length) => order.push(length))
    for (let place = 0; place < 20; place++) order.push(await host.call('x'.repeat(place)))
    expect(order).to.deep.equal(Array.from({ length: 20 }, (unused, place) => place))
    await large
    expect(order[20]).to.equal(64 * MIB)
  })

  it('may be several large ones at a time, more than may be under way together', async () => {
    const { host } = start({ maxBytes: 2 * MIB, capacity: 200_000 })
    const values = Array.from({ length: 12 }, (unused, place) => filled(300_000 + place * 100_000))
    const answers = await Promise.all(values.map((value) => host.call(value)))
    expect(difference(values, answers)).to.equal(undefined)
  })

  it('is refused beyond the limit, on its way there and back, and nothing else is affected', async () => {
    const { host, space } = start({ maxBytes: MIB })
    const values: Record<string, () => unknown> = {
      'a buffer': () => Buffer.alloc(MIB + 1),
      'a text': () => 'x'.repeat(MIB + 1),
      'a wide text': () => '\u4e00'.repeat(MIB / 2 + 1),
      'a bigint': () => 2n ** BigInt(4 * MIB + 4),
      'an array of numbers': () => Array.from({ length: MIB / 4 }, () => 0.5),
      'a resizable buffer': () => new ArrayBuffer(MIB + 1, { maxByteLength: MIB + 1 }),
      'several buffers': () => Array.from({ length: 17 }, () => Buffer.alloc(64 * KIB)),
      'small and large ones': () => [
        Buffer.alloc(MIB - 100_000),
        Array.from({ length: 20 }, () => Buffer.alloc(10_000))
      ],
      'an array of nothing but empty Maps': () => Array.from({ length: 50_000 }, () => new Map())
    }
    for (const [name, make] of Object.entries(values)) {
      const before = host.call('before')
      expect(() => host.request([make()]), name).to.throw(Refusal, 'TOO_LARGE')
      expect(await before).to.equal('before')
      space.handle = make
      const refusal = await refusalOf(host.call())
      expect(refusal.code, name).to.equal('TOO_LARGE')
      expect(refusal.details).to.deep.include({ place: 'result', limit: MIB })
      expect(refusal.details['size']).to.be.greaterThan(MIB)
      space.handle = (first: unknown) => first
      expect(await host.call(name)).to.equal(name)
    }
  })

  it('fits up to the limit', async () => {
    const { host, space } = start({ maxBytes: MIB })
    expect(difference(filled(MIB - 100), await host.call(filled(MIB - 100)))).to.equal(undefined)
    space.handle = () => 'x'.repeat(MIB - 100)
    expect(await host.call()).to.have.length(MIB - 100)
  })

  it('does not keep the memory of a large value that was refused', async () => {
    const { host } = talk
    const large = {
      list: Array.from({ length: 5000 }, (unused, place) => ({ place, text: 'x'.repeat(2000) }))
    }
    expect(() => host.request([{ large, last: Symbol('last') }])).to.throw(Refusal)
    const before = process.memoryUsage().arrayBuffers
    const others = Array.from({ length: 10 }, () => conversation().host)
    for (const other of others) {
      expect(() => other.request([{ large, last: Symbol('last') }])).to.throw(Refusal)
    }
    await collectUntil(() => process.memoryUsage().arrayBuffers - before < 60 * MIB)
    expect(others).to.have.length(10)
  })

  it('is told why it failed, however small the limit is', async () => {
    const { host, space } = start({ maxBytes: 100 })
    space.handle = () => {
      throw Object.assign(new Error('y'.repeat(2 * MIB)), { body: 'z'.repeat(2 * MIB) })
    }
    const error: unknown = await host.call().catch((reason: unknown) => reason)
    expect(error).to.be.instanceOf(Error)
    expect((error as Error).message).to.match(/^Error: y+$/)
    space.handle = () => Buffer.alloc(2 * MIB)
    expect((await refusalOf(host.call())).code).to.equal('TOO_LARGE')
    space.handle = () => 'z'.repeat(2 * MIB)
    expect((await refusalOf(host.call())).code).to.equal('TOO_LARGE')
  })

  it('may lose its memory too early: it arrives as zeros, and the connection lives on', async () => {
    const { host, space } = start({ capacity: 100_000 })
    space.handle = (value: Uint8Array) => [value.length, value.reduce((sum, byte) => sum + byte, 0)]
    const whole = host.call(filled(100_000))
    const transferred = new Uint8Array(500_000).fill(1)
    const answer = host.call(transferred)
    structuredClone(transferred, { transfer: [transferred.buffer] })
    const memory = new ArrayBuffer(500_000, { maxByteLength: 500_000 })
    const shrunk = host.call(new Uint8Array(memory, 0, 400_000))
    memory.resize(10)
    expect(await whole).to.have.property('0', 100_000)
    expect(await answer).to.deep.equal([500_000, 0])
    expect(await shrunk).to.deep.equal([400_000, 0])
  })
})
