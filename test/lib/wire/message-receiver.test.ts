import { expect } from 'chai'
import { FIRST_IN_ROW } from '../../../lib/wire/answer-rows.js'
import { ProtocolViolation } from '../../../lib/wire/byte-reader.js'
import type { ConnectionOwner } from '../../../lib/wire/connection-owner.js'
import { Encoder } from '../../../lib/wire/encoder.js'
import { MessageReceiver } from '../../../lib/wire/message-receiver.js'
import { writeAgain, writeMessage } from '../../../lib/wire/message-writer.js'
import { PARCEL } from '../../../lib/wire/message-tags.js'
import type { Call, Message } from '../../../lib/wire/messages.js'
import { UNASKED_LIMIT } from '../../../lib/wire/protocol-limits.js'
import type { Lent } from '../../../lib/wire/references.js'
import { ATTACHMENT_THRESHOLD } from '../../../lib/wire/tags.js'
import { TargetTable } from '../../../lib/wire/target-table.js'

/** Nobody waits for the answer to this request. */
const NOBODY = 99

type Note = [name: string, ...details: unknown[]]

/** A receiver, and in the place of what it gives messages to, notes of what it gave. */
class Post {
  readonly notes: Note[] = []
  /** The connection ends with this note. */
  last: string | undefined
  readonly line = { isOpen: true, limits: { maxBytes: 1024 * 1024 } }
  readonly owner: Pick<ConnectionOwner, 'message' | 'released'> & { takesNoCalls: boolean }
  private readonly encoder = new Encoder(64)
  private readonly targets = new TargetTable()
  private readonly receiver: MessageReceiver

  constructor() {
    const taker = (name: string) => this.note.bind(this, name)
    this.owner = { message: taker('message'), released: taker('released'), takesNoCalls: false }
    const borrowed = taker('borrowed')
    this.receiver = new MessageReceiver(this.line, this.owner, {
      parcels: { announce: taker('announced') },
      correlator: {
        result: taker('result'),
        failure: taker('failure'),
        refused: taker('refused'),
        begun: taker('begun'),
        outcome: taker('outcome')
      },
      carriedOut: {
        carryOut: (id, { lent }, parameters) => this.note('invoked', id, lent, parameters),
        batchOver: taker('over')
      },
      lent: {
        get: (reference): Lent => {
          this.note('looked up', reference)
          return { lent: reference } as unknown as Lent
        },
        release: taker('release')
      },
      borrowed: { borrowFunction: (reference) => ({ reference }) },
      live: {
        borrowObject: borrowed,
        borrowFunction: borrowed,
        borrowStream: borrowed,
        lentThing: borrowed,
        runScript: taker('script')
      },
      isAwaited: (id) => id !== NOBODY
    })
    this.encoder.lend = () => 7
    this.encoder.begin()
  }

  write(...messages: Message[]): this {
    for (const message of messages) writeMessage(this.encoder, this.targets, message, false)
    return this
  }

  writeAgain(...parameters: unknown[]): this {
    writeAgain(this.encoder, parameters, false)
    return this
  }

  receive(bytes = this.take()): Note[] {
    this.receiver.batch(bytes, 0, bytes.length)
    return this.notes.splice(0)
  }

  receiveParcel(more = Buffer.alloc(0)): Note[] {
    const attachments = this.encoder.attachments.map((bytes) => Buffer.from(bytes))
    this.receiver.parcel([Buffer.concat([this.take(), more]), ...attachments])
    return this.notes.splice(0)
  }

  private take(): Buffer {
    const bytes = Buffer.from(this.encoder.bytes.subarray(0, this.encoder.position))
    this.encoder.position = 0
    this.encoder.begin()
    return bytes
  }

  private note(...note: Note): void {
    this.notes.push(note)
    if (note[0] === this.last) this.line.isOpen = false
  }
}

const target = { package: 'p', path: 'q', silent: false }
const call: Message = { type: 'call', id: 2, target, parameters: [] }
const result: Message = { type: 'result', id: 1, value: 5 }
const invoke = (id: number): Message => ({ type: 'invoke', id, reference: 4, parameters: [id] })

describe('A receiver of messages', () => {
  let post: Post

  beforeEach(() => (post = new Post()))

  it('gives each message of a batch to the part that it is for, in order, and the rest to the owner', () => {
    const failure: Message = { type: 'failure', id: 1, error: 'thrown' }
    const refused: Message = { type: 'refused', id: 1, code: 'CANCELED', details: {} }
    const begun: Message = { type: 'begun', id: FIRST_IN_ROW, count: 3, areLater: true }
    const script: Message = { type: 'script', id: 3, steps: [] }
    const outcome: Message = {
      ...{ type: 'outcome', id: 3, step: 0, last: true, state: 'value', at: 0, value: 5, copied: true }
    }
    const release: Message = { type: 'release', reference: 6, count: 7 }
    const ping: Message = { type: 'ping', id: 9 }
    post.write(result, call, failure, refused, begun, script, outcome, release, ping)
    expect(post.receive()).to.deep.equal([
      ['result', result, 0],
      ['message', call, 0],
      ['failure', failure],
      ['refused', refused],
      ['begun', begun],
      ['script', script, false, 0, 5],
      ['outcome', outcome, 0],
      ['release', 6, 7],
      ['released'],
      ['message', ping, 0],
      ['over']
    ])
  })

  it('says how many functions a message holds, of each anew', () => {
    const run = (): void => {}
    post.write({ ...call, parameters: [run, [run]] }, call)
    expect(post.receive()).to.deep.equal([
      ['message', { ...call, parameters: [{ reference: 7 }, [{ reference: 7 }]] }, 2],
      ['message', call, 0],
      ['over']
    ])
  })

  it('knows a target from one batch to the next by the same object', () => {
    const [first, second] = [post.write(call).receive(), post.write(call).receive()]
    const [one, other] = [first, second].map((notes) => ((notes[0] as Note)[1] as Call).target)
    expect(one).to.deep.equal(target)
    expect(one).to.equal(other)
  })

  it('looks a function up once for all invocations of it that stand behind each other', () => {
    post.write(invoke(-2)).writeAgain('b').writeAgain('c').write(invoke(5), result)
    expect(post.receive()).to.deep.equal([
      ['looked up', 4],
      ['invoked', -2, 4, [-2]],
      ['invoked', -1, 4, ['b']],
      ['invoked', FIRST_IN_ROW, 4, ['c']],
      ['looked up', 4],
      ['invoked', 5, 4, [5]],
      ['result', result, 0],
      ['over']
    ])
  })

  it('takes an invocation again for a violation where it continues no row', () => {
    expect(() => post.write(invoke(5)).writeAgain('b').receive()).to.throw(ProtocolViolation, 'in a row')
    expect(() => post.write(result).writeAgain('b').receive()).to.throw(ProtocolViolation, 'unknown type')
  })

  it('reads nothing more when one of the messages ends the connection', () => {
    post.last = 'result'
    expect(post.write(result, call).receive()).to.deep.equal([['result', result, 0]])
    post.line.isOpen = true
    post.last = 'invoked'
    const invoked = [
      ['looked up', 4],
      ['invoked', -2, 4, [-2]]
    ]
    expect(post.write(invoke(-2)).writeAgain('b').receive()).to.deep.equal(invoked)
  })

  it('announces parcels, with the message where it is short and comes with the announcement', () => {
    const large = ATTACHMENT_THRESHOLD
    expect(
      post.receive(Buffer.from([PARCEL, 3, 1, 5, PARCEL, 4, 2, 3, ...count(large), 7, 8, 9]))
    ).to.deep.equal([
      ['announced', 3, [5], undefined],
      ['announced', 4, [3, large], Buffer.from([7, 8, 9])],
      ['over']
    ])
  })

  it('reads a message that came as a parcel, with what is attached to it', () => {
    const bytes = Buffer.alloc(ATTACHMENT_THRESHOLD, 1)
    post.write({ type: 'result', id: 1, value: [bytes] })
    const [[name, message] = [], ...others] = post.receiveParcel()
    expect([name, others]).to.deep.equal(['result', [['over']]])
    expect((message as { value: Buffer[] }).value[0]?.equals(bytes)).to.equal(true)
    expect(post.write(result).receive()).to.deep.equal([['result', result, 0], ['over']])
  })

  it('does not read large answers that nobody waits for', () => {
    const value = 'x'.repeat(UNASKED_LIMIT)
    const outcome = { type: 'outcome', step: 0, last: true, state: 'value', at: 0, copied: true } as const
    const answers: Message[] = [
      { type: 'result', id: NOBODY, value },
      { type: 'failure', id: NOBODY, error: value },
      { type: 'refused', id: NOBODY, code: 'CANCELED', details: { value } },
      { ...outcome, id: NOBODY, value }
    ]
    for (const answer of answers) {
      expect(() => new Post().write(answer).receive(), answer.type).to.throw(
        ProtocolViolation,
        'nobody waits'
      )
      const awaited = { ...answer, id: 1 } as Message
      expect(new Post().write(awaited).receive()[0]?.slice(0, 2)).to.deep.equal([answer.type, awaited])
    }
  })

  it('looks up what a large invocation is of before it reads it', () => {
    const large: Message = { type: 'invoke', id: 5, reference: 4, parameters: ['x'.repeat(UNASKED_LIMIT)] }
    expect(
      post
        .write(large)
        .receive()
        .map(([name]) => name)
    ).to.deep.equal([...['looked up', 'looked up', 'invoked', 'over']])
  })

  it('does not read large requests where none are taken', () => {
    const large: Message = { ...call, parameters: ['x'.repeat(UNASKED_LIMIT)] }
    expect(post.write(large).receive()[0]).to.deep.equal(['message', large, 0])
    post.owner.takesNoCalls = true
    expect(() => post.write(large).receive()).to.throw(ProtocolViolation, 'nobody takes')
  })

  it('takes a parcel that holds more than its message for a violation', () => {
    expect(() => post.write(result).receiveParcel(Buffer.from([0]))).to.throw(ProtocolViolation, 'longer')
  })
})

/** A number as it is written. */
function count(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...count(value >>> 7)]
}
