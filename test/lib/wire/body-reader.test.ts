import { expect } from 'chai'
import { ProtocolViolation } from '../../../lib/wire/byte-reader.js'
import { messageTypes } from '../../../lib/wire/message-tags.js'
import type { Call, Message } from '../../../lib/wire/messages.js'
import { LivePacked, pack, packLive } from '../../../lib/wire/packed.js'
import { Post } from '../../support/post.js'

const target = { package: 'semver', path: 'a.b', silent: false }

describe('What a message carries', () => {
  it('arrives with packed parameters as with those it holds itself, functions in their places', () => {
    const post = new Post()
    const packed = pack([{ run: () => {} }, [() => {}, 'text']], 'parameters', 2 ** 28)
    for (let round = 0; round < 2; round++) {
      const message = post.send({ type: 'call', id: 1, target, parameters: packed })
      const { parameters } = message as Call
      const [first, second] = parameters as [{ run: () => number }, [() => number, string]]
      expect([first.run(), second[0](), second[1]]).to.deep.equal([round * 2, round * 2 + 1, 'text'])
    }
  })

  it('is known to be live or not by its form', () => {
    const post = new Post()
    for (const value of [pack({ a: 1 }, '', 1000), packLive({ a: 1 }, '', 1000), { a: 1 }]) {
      const outcome: Message = {
        ...{ type: 'outcome', id: 1, step: 0, last: true, state: 'value', at: 0, value, copied: true }
      }
      expect(post.send(outcome)).to.deep.include({ value: { a: 1 }, copied: !(value instanceof LivePacked) })
    }
  })

  it('is a violation when it is none', () => {
    const { result, refused, invoke } = messageTypes
    const id = [1, 0, 0, 0]
    const code = [0x80 + 8, ...Buffer.from('CANCELED')]
    const wrong: Record<string, number[]> = {
      'no body': [result, ...id],
      'a body of an unknown form': [result, ...id, 2, 0],
      'parameters that are no array': [invoke, ...id, 0, 0, 5],
      'no details': [refused, ...id, ...code, 0, 0xa1],
      'details that are a list': [refused, ...id, ...code, 0, 0xa9, 0],
      'a list of references that is too long': [result, ...id, 1, 0xff, 0x7f, 0],
      'a function that is not listed': [result, ...id, 1, 1, 0, 0xba, 1, 0, 0x80],
      'sockets in a form of their own': [result, ...id, 4, 0, 3, 5]
    }
    for (const [name, bytes] of Object.entries(wrong)) {
      expect(() => new Post().read(Buffer.from(bytes)), name).to.throw(ProtocolViolation)
    }
  })
})
