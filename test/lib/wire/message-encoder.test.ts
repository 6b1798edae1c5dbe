import { expect } from 'chai'
import { Decoder } from '../../../lib/wire/decoder.js'
import { FrameWriter } from '../../../lib/wire/frame-writer.js'
import { readMessage } from '../../../lib/wire/message-reader.js'
import { MessageEncoder } from '../../../lib/wire/message-encoder.js'
import type { Call, Message, Target } from '../../../lib/wire/messages.js'
import { MESSAGE_LIMIT } from '../../../lib/wire/protocol-limits.js'
import { LentThings } from '../../../lib/wire/references.js'
import { whenReleased } from '../../../lib/wire/released.js'
import { FullChannel } from '../../support/full-channel.js'
import { thrownBy } from '../../support/thrown-by.js'

const KIB = 1024
const MIB = 1024 * KIB
const target: Target = { package: 'p', path: 'f' }
const [impossible, nothing] = [Symbol('impossible'), (): void => undefined]
const FIRST_AGAIN = -7

/** As a socket. */
class Movable {}

describe('An encoder of messages', () => {
  let frames: FrameWriter
  let lent: LentThings
  let messages: MessageEncoder
  let maxBytes: number
  let moved: object[]

  beforeEach(() => {
    maxBytes = 100 * MIB
    moved = []
    frames = new FrameWriter(new FullChannel())
    lent = new LentThings(() => 100, nothing)
    messages = new MessageEncoder(
      frames,
      lent,
      () => maxBytes,
      () => true,
      (stand) => (stand === theirs ? 5 : undefined),
      {
        moves: (value) => value instanceof Movable,
        take: () => 0,
        send: (number, thing) => moved.push(thing)
      }
    )
  })

  const theirs = (): void => undefined
  const call = (...parameters: unknown[]): Call => ({ type: 'call', id: 1, target, parameters })
  const result = (value: unknown): Message => ({ type: 'result', id: 1, value })

  /** The bytes of a message that travels in the batch, or alone. */
  function encode(message: Message, whole = false): { bytes: Buffer; large: boolean } {
    const start = frames.begin()
    const large = messages.encode(message, whole)
    const bytes = Buffer.from(frames.encoder.bytes.subarray(start, frames.encoder.position))
    messages.done()
    return { bytes, large }
  }

  it('says whether a message is too large for a batch', () => {
    expect(encode(result('x'.repeat(100))).large).to.equal(false)
    expect(encode(result('x'.repeat(MESSAGE_LIMIT + 1))).large).to.equal(true)
    expect(encode(result(Buffer.alloc(300 * KIB))).large).to.equal(true)
    expect(encode(result('small'), true).large).to.equal(false)
  })

  it('leaves nothing behind of a message that cannot cross', () => {
    const receiver = new Receiver()
    receiver.read(encode(call({ known: 1 })).bytes)
    const start = frames.begin()
    const { length } = frames.encoder.bytes
    const parameters = [{ fresh: 1, nothing }, new Movable(), 'x'.repeat(5 * MIB), impossible]
    const refused: Message = { type: 'call', id: 2, target: { package: 'other', path: 'f' }, parameters }
    expect(thrownBy(() => messages.encode(refused, false))).to.include({ code: 'NOT_CLONEABLE' })
    expect([frames.encoder.position, frames.encoder.bytes.length]).to.deep.equal([start, length])
    expect([lent.size, messages.isBusy]).to.deep.equal([0, false])
    const next = [{ other: 1 }, { fresh: 2, nothing: 3 }]
    for (const path of ['other', 'f']) {
      const message: Message = { type: 'call', id: 3, target: { package: 'p', path }, parameters: next }
      expect(receiver.read(encode(message).bytes)).to.have.deep.property('parameters', next)
    }
    expect(moved).to.deep.equal([])
  })

  it('lends functions once for each message that is sent, whatever was refused between', () => {
    const callback = (): void => undefined
    encode(call(callback))
    expect(() => messages.encode(call([callback], impossible), false)).to.throw('NOT_CLONEABLE')
    expect(lent.size).to.equal(1)
    lent.release(0, 1)
    expect(lent.size).to.equal(0)
  })

  it('lets what moves leave when the message is on its way, and not before', () => {
    const socket = new Movable()
    messages.encode(call(socket), false)
    expect(moved).to.deep.equal([])
    messages.done()
    expect(moved).to.deep.equal([socket])
    encode(call())
    expect(moved).to.have.length(1)
  })

  it('puts nothing of a large message into the tables, since it may be overtaken', () => {
    const message = call({ fresh: 'x'.repeat(MESSAGE_LIMIT + 1) })
    const small = call({ fresh: 1 })
    const [large, overtakes] = [encode(message), encode(small)]
    expect(large.large).to.equal(true)
    const receiver = new Receiver()
    for (const [{ bytes }, { parameters }] of [
      [overtakes, small],
      [large, message]
    ] as const) {
      expect(receiver.read(bytes)).to.deep.include({ target: { ...target, silent: false }, parameters })
    }
  })

  it('lends each function of a large message once, though it is written again', () => {
    const callback = (): void => undefined
    encode(call({ fresh: 'x'.repeat(MESSAGE_LIMIT + 1), callback }))
    expect(lent.size).to.equal(1)
    lent.release(1, 1)
    expect(lent.size).to.equal(0)
  })

  it('can say why something failed, however little a value may take', () => {
    maxBytes = 10
    const value = 'x'.repeat(50)
    expect(thrownBy(() => messages.encode(result(value), false))).to.include({ code: 'TOO_LARGE' })
    expect(() => encode({ type: 'failure', id: 1, error: new Error(value) })).to.not.throw()
    expect(() => encode({ type: 'refused', id: 1, code: 'TOO_LARGE', details: { value } })).to.not.throw()
  })

  it('tells of the last message whether something in it goes home', () => {
    const goesHome = (message: Message): boolean => {
      encode(message)
      return messages.goesHome
    }
    expect(goesHome({ type: 'result', id: 1, value: theirs, live: true })).to.equal(true)
    expect(goesHome({ type: 'result', id: 1, value: nothing, live: true })).to.equal(false)
  })

  it('encodes an invocation in a row without its head, and with it where it has to stand alone', () => {
    const again = (...parameters: unknown[]): Buffer | undefined => {
      const start = frames.begin()
      const large = messages.encodeAgain(FIRST_AGAIN, 3, parameters, false)
      const bytes = Buffer.from(frames.encoder.bytes.subarray(start, frames.encoder.position))
      messages.done()
      return large ? bytes : undefined
    }
    const text = 'x'.repeat(MESSAGE_LIMIT + 1)
    expect(again('small')).to.equal(undefined)
    for (const parameters of [[text], [{ fresh: text }]]) {
      const message = { type: 'invoke', id: FIRST_AGAIN, reference: 3, parameters }
      expect(new Receiver().read(again(...parameters) as Buffer)).to.deep.equal(message)
    }
    expect(() => again({ other: 1 }, nothing, impossible)).to.throw('NOT_CLONEABLE')
    expect([lent.size, messages.isBusy]).to.deep.equal([0, false])
  })

  it('encodes a message beside the one that it is busy with, and neither takes back what is of the other', () => {
    const [outer, inner] = [(): void => undefined, (): void => undefined]
    let beside: Uint8Array[] = []
    const value = {
      outer,
      get getter(): string {
        expect(messages.isBusy).to.equal(true)
        beside = messages.encodeBeside(call({ inner }))
        expect(() => messages.encodeBeside(call({ inner }, impossible))).to.throw('NOT_CLONEABLE')
        return 'read'
      }
    }
    expect(() => messages.encode(call(value, impossible), false)).to.throw('NOT_CLONEABLE')
    expect(lent.size).to.equal(1)
    expect(lent.get(1).lent).to.equal(inner)
    const receiver = new Receiver()
    expect(receiver.read(Buffer.concat(beside))).to.have.deep.property('parameters', [{ inner: 1 }])
    const { bytes } = encode(call(value))
    expect(receiver.read(bytes)).to.have.deep.property('parameters', [{ outer: 2, getter: 'read' }])
    expect(lent.size).to.equal(2)
  })

  it('is busy until all of a refused message is taken back, and what is sent meanwhile is kept', () => {
    const callback = (): void => undefined
    const told: boolean[] = []
    whenReleased(callback, () => {
      told.push(messages.isBusy)
      messages.encodeBeside(call('meanwhile'))
    })
    expect(() => messages.encode(call(callback, impossible), false)).to.throw('NOT_CLONEABLE')
    expect(() => messages.encodeAgain(FIRST_AGAIN, 3, [callback, impossible], false)).to.throw()
    encode(call({ fresh: 'x'.repeat(MESSAGE_LIMIT + 1), callback }))
    expect(told).to.deep.equal([true, true, true])
  })
})

/** The other side, with the tables that it keeps in step. */
class Receiver {
  private readonly decoder = new Decoder()
  private readonly targets: Target[] = []

  constructor() {
    this.decoder.borrow = (reference) => reference
  }

  /** What arrives with these bytes. */
  read(bytes: Buffer): Message {
    const { decoder } = this
    decoder.begin(bytes, 0, bytes.length)
    const message = readMessage(decoder, this.targets, decoder.byte())
    expect(decoder.position).to.equal(bytes.length)
    return message
  }
}
