import { expect } from 'chai'
import { ProtocolViolation } from '../../../lib/wire/byte-reader.js'
import { inBrief } from '../../../lib/wire/in-words.js'
import { messageTypes, WITHIN } from '../../../lib/wire/message-tags.js'
import type { Call, Message, ScriptMessage, Target } from '../../../lib/wire/messages.js'
import { pack } from '../../../lib/wire/packed.js'
import { UNASKED_LIMIT } from '../../../lib/wire/protocol-limits.js'
import { Post } from '../../support/post.js'

const target: Target = { package: 'semver', path: 'a.b', silent: false }
const load = { name: '/modules/semver', as: 'semver', paths: ['/modules', ''] }

const messages: Message[] = [
  { type: 'hello', version: 1, maxBytes: 2 ** 40, maxCallbacks: 10_000 },
  { type: 'ready', version: 1 },
  { type: 'add', id: 2 ** 32 - 1, load, parameters: [{ a: 1 }] },
  { type: 'add', id: 0, load, parameters: [] },
  { type: 'add', id: 0, load, parameters: undefined },
  { type: 'add', id: 0, load, parameters: null },
  { type: 'call', id: 7, target, parameters: [1, 'two'] },
  { type: 'call', id: 8, target: { package: '', path: '', silent: true }, parameters: [] },
  { type: 'cancel', id: 5 },
  { type: 'ping', id: 6 },
  { type: 'collect' },
  { type: 'stop' },
  { type: 'report', memory: 2 ** 35 },
  { type: 'trouble', code: 'NOT_CLONEABLE', details: { place: 'parameters[0]' } },
  { type: 'result', id: 9, value: { x: [1] } },
  { type: 'result', id: 9, value: undefined },
  { type: 'failure', id: 10, error: 'thrown' },
  { type: 'refused', id: 11, code: 'CANCELED', details: {} },
  { type: 'invoke', id: 12, reference: 2 ** 33, parameters: [null] },
  { type: 'begun', id: -(2 ** 31), count: 1000, areLater: false },
  { type: 'begun', id: -1, count: 1, areLater: true },
  { type: 'release', reference: 3, count: 4 },
  {
    type: 'script',
    id: 13,
    steps: [
      {
        operation: 'call',
        base: { kind: 'root', name: 'semver' },
        path: ['a', 'b'],
        parameters: [1],
        wanted: false
      },
      {
        operation: 'new',
        base: { kind: 'reference', number: 2 ** 33 },
        path: [],
        parameters: [{ x: [] }],
        wanted: true
      },
      { operation: 'get', base: { kind: 'step', index: 1 }, path: ['size'], parameters: [], wanted: true }
    ]
  },
  { type: 'outcome', id: 13, step: 1, last: false, state: 'value', at: 1, value: [1], copied: true },
  { type: 'outcome', id: 13, step: 2, last: false, state: 'failed', at: 0, value: 'thrown', copied: true },
  {
    ...{ type: 'outcome', id: 13, step: 2, last: true, state: 'refused', at: 1 },
    ...{ value: { code: 'CANCELED', details: {} }, copied: true }
  }
]

/** What the path of a step came as is kept beside it. */
function withoutTargets(message: Message): Message {
  if (message.type !== 'script') return message
  const steps = message.steps.map(({ operation, base, path, parameters, wanted }) => {
    return { operation, base, path, parameters, wanted }
  })
  return { ...message, steps }
}

describe('A message', () => {
  it('arrives with all of its fields', () => {
    const post = new Post()
    for (const whole of [false, true]) {
      for (const message of messages) {
        expect(withoutTargets(post.send(message, whole)), message.type).to.deep.equal(message)
      }
    }
    expect(new Set(messages.map(({ type }) => type))).to.have.property(
      'size',
      Object.keys(messageTypes).length
    )
  })

  it('arrives with the contexts that it is made in', () => {
    const post = new Post()
    const context = (value: unknown): unknown => pack(value, 'context', 1000)
    const base = { kind: 'root' as const, name: 'semver' }
    const step = { operation: 'call' as const, base, path: [], parameters: [], wanted: true }
    const steps = [{ ...step, context: 1 }, step, { ...step, context: 0 }]
    for (const whole of [false, true]) {
      const call: Call = { type: 'call', id: 7, target, parameters: [1], contexts: [context({ trace: 1 })] }
      expect(post.send(call, whole)).to.deep.equal({ ...call, contexts: [{ trace: 1 }] })
      const script = { type: 'script' as const, id: 8, steps, contexts: [context('a'), context(['b'])] }
      const arrived = post.send(script, whole) as ScriptMessage
      expect(arrived.contexts).to.deep.equal(['a', ['b']])
      expect(arrived.steps.map((each) => each.context)).to.deep.equal([1, undefined, 0])
    }
  })

  it('is small where it comes unasked, and is told in brief by an honest side', () => {
    const trouble = (details: Record<string, unknown>): Message => ({
      ...{ type: 'trouble', code: 'NOT_CLONEABLE', details }
    })
    const large: Record<string, unknown> = {
      bytes: 'x'.repeat(UNASKED_LIMIT),
      weight: new Set(Array.from({ length: 2000 }, (unused, place) => place)),
      expression: /x/
    }
    for (const [name, value] of Object.entries(large)) {
      expect(() => new Post().send(trouble({ value })), name).to.throw(ProtocolViolation)
    }
    const cause = new RangeError('y'.repeat(100_000), { cause: large })
    const code = Object.assign(cause, { code: 'E_ODD', errors: [cause] })
    const list = Array.from({ length: 1000 }, () => 'ü\u{1f600}'.repeat(1000))
    const details = { ...large, place: 'z'.repeat(100_000), limit: 5, cause: code, list }
    const arrived = (new Post().send(trouble(inBrief(details))) as { details: Record<string, unknown> })
      .details
    expect(arrived).to.include({ limit: 5, place: 'z'.repeat(1000), expression: '/x/' })
    expect(arrived['cause']).to.be.instanceOf(RangeError).and.include({ name: 'RangeError', code: 'E_ODD' })
    expect((arrived['cause'] as Error).message).to.equal('y'.repeat(1000))
    expect((arrived['cause'] as Error).stack).to.have.lengthOf(8000)
    expect(new Post().send(trouble(inBrief({ cause: unreadable() })))).to.deep.equal(
      trouble({ cause: 'a value without a text' })
    )
  })

  it('is a violation when it is none', () => {
    const { hello, call, cancel, script, refused, trouble } = messageTypes
    const id = [1, 0, 0, 0]
    const text = 0x81
    const wrong: Record<string, number[]> = {
      'an unknown type': [0],
      'half a message': [hello, 1],
      'a context of what has none': [WITHIN, 1, 0, 5, cancel, ...id],
      'a context within another': [WITHIN, 1, 0, 5, WITHIN, 1, 0, 5, call, ...id],
      'two contexts of a call': [WITHIN, 2, 0, 5, 0, 5, call, ...id, 1, 0x80, 0x80, 0, 0, 0xa9, 0],
      'a context that is not there': [WITHIN, 0, script, ...id, 1, 0, 1, 0, 0, 0, 0xa0, 1],
      'an unknown code': [refused, ...id, text, 0x61, 0, 0xad, 0],
      'a code that objects inherit': [trouble, 0x80 + 11, ...Buffer.from('constructor'), 0, 0xad, 0]
    }
    for (const [name, bytes] of Object.entries(wrong)) {
      expect(() => new Post().read(Buffer.from(bytes)), name).to.throw(ProtocolViolation)
    }
  })
})

function unreadable(): Error {
  return Object.defineProperty(new Error('x'), 'message', {
    get: () => {
      throw new Error('no message')
    }
  })
}
