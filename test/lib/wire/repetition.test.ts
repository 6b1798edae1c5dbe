import { expect } from 'chai'
import fc from 'fast-check'
import { FIRST_IN_ROW } from '../../../lib/wire/answer-rows.js'
import { Connection } from '../../../lib/wire/connection.js'
import { Encoder } from '../../../lib/wire/encoder.js'
import { writeAgain, writeMessage } from '../../../lib/wire/message-writer.js'
import { AGAIN, messageTypes } from '../../../lib/wire/message-tags.js'
import type { Message } from '../../../lib/wire/messages.js'
import type { Refusal } from '../../../lib/wire/refusal.js'
import { Repetition } from '../../../lib/wire/repetition.js'
import { TargetTable } from '../../../lib/wire/target-table.js'
import { conversation, conversationOfEachTest, type Conversation } from '../../support/conversation.js'
import { HandFedChannel } from '../../support/hand-fed-channel.js'
import { framesOf } from '../../support/frames.js'

type Callback = (...parameters: unknown[]) => Promise<unknown>

const KIB = 1024
const MIB = 1024 * KIB

describe('A repetition of an invocation', () => {
  const invoke = (id: number, live = false): Message => ({
    type: 'invoke',
    id,
    reference: 3,
    parameters: [],
    live
  })
  let repetition: Repetition

  beforeEach(() => (repetition = new Repetition()))

  it('is the next of the same function, live or not as that was', () => {
    expect(repetition.goesOn(FIRST_IN_ROW, 3, false)).to.equal(false)
    repetition.endsWith(invoke(-7))
    expect(repetition.goesOn(-6, 3, false)).to.equal(true)
    for (const [id, reference, live] of [
      [-5, 3, false],
      [-7, 3, false],
      [-6, 2, false],
      [-6, 3, true]
    ] as const) {
      expect(repetition.goesOn(id, reference, live)).to.equal(false)
    }
    repetition.next()
    expect(repetition.goesOn(-5, 3, false)).to.equal(true)
    repetition.endsWith(invoke(-5, true))
    expect(repetition.goesOn(-4, 3, true)).to.equal(true)
  })

  it('begins again with the first id behind the last', () => {
    repetition.endsWith(invoke(-1))
    expect(repetition.goesOn(FIRST_IN_ROW, 3, false)).to.equal(true)
    repetition.endsWith(invoke(-2))
    repetition.next()
    expect(repetition.goesOn(FIRST_IN_ROW, 3, false)).to.equal(true)
  })

  it('is none behind another message, behind an invocation that is in no row, and when it was ended', () => {
    for (const last of [{ type: 'release', reference: 3, count: 1 } as const, invoke(0), invoke(5)]) {
      repetition.endsWith(invoke(-7))
      repetition.endsWith(last)
      expect(repetition.goesOn(-6, 3, false)).to.equal(false)
      expect(repetition.goesOn(1, 3, false)).to.equal(false)
    }
    repetition.endsWith(invoke(-7))
    repetition.end()
    expect(repetition.goesOn(-6, 3, false)).to.equal(false)
  })
})

describe('Invocations of the same function one after the other', () => {
  let talk: Conversation
  conversationOfEachTest((begun) => (talk = begun))

  /** What the space writes from now on. */
  function listen(): Buffer[] {
    const written: Buffer[] = []
    const { spaceChannel } = talk
    const { write } = spaceChannel
    spaceChannel.write = (bytes, more = []) => {
      written.push(...[bytes, ...more].map((piece) => Buffer.from(piece)))
      return Reflect.apply(write, spaceChannel, [bytes, more])
    }
    return written
  }

  it('cross as parameters alone, and begin anew in each batch, behind each other message and function', async () => {
    const { host, space } = talk
    const heard: unknown[] = []
    space.handle = (first: Callback, second: Callback) => {
      for (let n = 0; n < 3; n++) void first(n)
      for (let n = 0; n < 2; n++) void second(n)
      void first(3)
      space.connection.flush()
      for (let n = 4; n < 6; n++) void first(n)
      return 'done'
    }
    const written = listen()
    const first = (n: number): void => void heard.push(n)
    expect(await host.call(first, (n: number) => void heard.push(-n))).to.equal('done')
    expect(heard).to.deep.equal([0, 1, 2, -0, -1, 3, 4, 5])
    const [whole, again] = [messageTypes.invoke, AGAIN]
    const batches = framesOf(Buffer.concat(written)).map(({ bytes }) => bytes)
    const types = batches.map((bytes) => typesOf(bytes))
    expect(types.slice(0, 2)).to.deep.equal([
      [whole, again, again, whole, again, whole],
      [whole, again]
    ])
  })

  it('keep their order, values and answers whatever they are mixed with', async () => {
    const step = fc.record({
      to: fc.integer({ min: 0, max: 2 }),
      value: fc.oneof(
        { weight: 8, arbitrary: fc.integer() },
        { weight: 4, arbitrary: fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.integer()) },
        fc.constant('text'.repeat(10 * KIB)),
        fc.constant('text'.repeat(40 * KIB)),
        fc.constant(Buffer.alloc(100 * KIB, 7)),
        fc.constant(Symbol('refused'))
      ),
      flushes: fc.boolean()
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { host, space } = conversation()
        const heard: unknown[] = []
        space.handle = async (...callbacks: Callback[]) => {
          const answers = steps.map(async ({ to, value, flushes }) => {
            const answer = (callbacks[to] as Callback)(value, to)
            if (flushes) space.connection.flush()
            return answer
          })
          return (await Promise.allSettled(answers)).map(({ status }) => status)
        }
        const callback = (value: unknown, to: number): number => heard.push([value, to])
        const statuses = await host.call(
          (value: unknown, to: number) => callback(value, to),
          (value: unknown, to: number) => callback(value, to),
          (value: unknown, to: number) => callback(value, to)
        )
        const crosses = steps.filter(({ value }) => typeof value !== 'symbol')
        expect(heard).to.deep.equal(crosses.map(({ to, value }) => [value, to]))
        expect(statuses).to.deep.equal(
          steps.map(({ value }) => (typeof value === 'symbol' ? 'rejected' : 'fulfilled'))
        )
        expect([...host.endings, ...space.endings, space.connection.inFlight]).to.deep.equal([0])
        host.connection.close()
        space.connection.close()
      }),
      { numRuns: 60 }
    )
  })

  it('read each parameter once, be it large or small', async () => {
    const { host, space } = talk
    const loads = [1, Buffer.alloc(MIB), 'x'.repeat(MIB), 2, Buffer.alloc(MIB), 3]
    let read = 0
    space.handle = (tell: Callback) => {
      void tell({ load: 0 })
      for (const load of loads) {
        const parameter = Object.defineProperty({}, 'load', { enumerable: true, get: () => (read++, load) })
        void tell(parameter)
        space.connection.flush()
      }
    }
    const heard: unknown[] = []
    await host.call(({ load }: { load: unknown }) => void heard.push(load))
    expect(heard).to.deep.equal([0, ...loads])
    expect(read).to.equal(loads.length)
  })

  it('may hold the list of their parameters, and functions, which are released when nobody holds them', async () => {
    const { host, space } = talk
    space.handle = async (tell: Callback) => {
      const answers = [tell(0), tell({ a: 1 }), tell(() => 'first'), tell(() => 'second', Symbol('s'))]
      return (await Promise.allSettled(answers)).map((result) =>
        result.status === 'fulfilled' ? result.value : (result.reason as Refusal).code
      )
    }
    const answers = await host.call((given: unknown) =>
      typeof given === 'function' ? (given as Callback)() : given
    )
    expect(answers).to.deep.equal([0, { a: 1 }, 'first', 'NOT_CLONEABLE'])
    // Of the one that was refused nothing stays lent.
    expect(space.connection.lent.size).to.equal(1)
  })
})

describe('What a hostile space sends as an invocation again', () => {
  const again =
    (...parameters: unknown[]) =>
    (encoder: Encoder) =>
      writeAgain(encoder, parameters, false)
  const invoke =
    (id: number, reference = 0) =>
    (encoder: Encoder) =>
      writeMessage(encoder, new TargetTable(), { type: 'invoke', id, reference, parameters: [0] }, true)
  const raw =
    (...bytes: number[]) =>
    (encoder: Encoder) =>
      encoder.raw(Uint8Array.from(bytes))
  const release = (encoder: Encoder): void =>
    writeMessage(encoder, new TargetTable(), { type: 'release', reference: 0, count: 1 }, true)

  /** The function under reference 0 hears what comes; then how the connection ended, if it did. */
  async function receive(...batches: ((encoder: Encoder) => void)[][]): Promise<unknown[]> {
    const channel = new HandFedChannel()
    const heard: unknown[] = []
    const nothing = (): void => {}
    const owner = {
      ...{ message: nothing, callbackFailed: nothing, trouble: nothing, crowded: nothing },
      ...{ relieved: nothing, released: nothing, invoked: nothing },
      connectionEnded: (cause: Error | undefined) => void heard.push(cause?.message.split(': ')[1])
    }
    const host = new Connection(channel, owner, { maxBytes: MIB, maxCallbacks: 10 })
    const sink = { answered: nothing, failed: nothing, refused: nothing, lost: nothing }
    const target = { package: 'package', path: 'run' }
    const parameters = [(...given: unknown[]) => void heard.push(...given)]
    host.request({ type: 'call', id: 0, target, parameters }, sink)
    for (const batch of batches) await channel.feed(frameOf(batch))
    host.close()
    return heard
  }

  function frameOf(fill: ((encoder: Encoder) => void)[]): Buffer {
    const encoder = new Encoder(64)
    encoder.uint32(0)
    encoder.begin()
    for (const write of fill) write(encoder)
    encoder.bytes.writeUInt32LE(encoder.position - 4)
    return Buffer.from(encoder.bytes.subarray(0, encoder.position))
  }

  it('is carried out behind an invocation in a row, also where the ids begin anew', async () => {
    expect(await receive([invoke(FIRST_IN_ROW), again(1, 'two'), again()])).to.deep.equal([0, 1, 'two'])
    expect(await receive([invoke(-1), again(1), again(2), again(3)])).to.deep.equal([0, 1, 2, 3])
  })

  const unknown = `an unknown type of message, ${AGAIN}`

  it('ends the connection at the head of a batch and behind what is no invocation', async () => {
    expect(await receive([again(1)])).to.deep.equal([unknown])
    expect(await receive([invoke(FIRST_IN_ROW)], [again(1)])).to.deep.equal([0, unknown])
    expect(await receive([invoke(FIRST_IN_ROW), release, again(1)])).to.deep.equal([0, unknown])
  })

  it('ends the connection behind an invocation that is in no row, or of what was never lent', async () => {
    const alone = 'an invocation again that is not in a row'
    expect(await receive([invoke(5), again(1)])).to.deep.equal([0, alone])
    expect(await receive([invoke(FIRST_IN_ROW, 1), again(1)])).to.deep.equal(['a use of what was not lent'])
  })

  it('ends the connection when it promises more parameters than there are, or has half of one', async () => {
    const begun = invoke(FIRST_IN_ROW)
    expect(await receive([begun, raw(AGAIN)])).to.deep.equal([0, 'a message ends too early'])
    expect(await receive([begun, raw(AGAIN, 3, 1)])).to.deep.equal([0, 'a length goes beyond its message'])
    const huge = raw(AGAIN, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)
    expect(await receive([begun, huge])).to.deep.equal([0, 'a number is too large'])
    expect(await receive([begun, raw(AGAIN, 1, 0x20), raw(AGAIN, 2, 1)])).to.have.length(3)
  })
})

/** The types of the messages of one batch, which are invocations with one small whole number, and what is after them. */
function typesOf(bytes: Buffer): number[] {
  const types: number[] = []
  let at = 0
  while (bytes[at] === messageTypes.invoke || bytes[at] === AGAIN) {
    types.push(bytes[at] as number)
    at += bytes[at] === AGAIN ? 3 : 10
  }
  return types
}
