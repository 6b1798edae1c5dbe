import { expect } from 'chai'
import { ProtocolViolation } from '../../../lib/wire/byte-reader.js'
import { MOST_SEGMENTS } from '../../../lib/wire/find-function.js'
import { messageTypes } from '../../../lib/wire/message-tags.js'
import type { Target } from '../../../lib/wire/messages.js'
import { TARGET_LIMIT } from '../../../lib/wire/protocol-limits.js'
import { segmentsOf } from '../../../lib/wire/target-reader.js'
import { Post } from '../../support/post.js'

const target: Target = { package: 'semver', path: 'a.b', silent: false }

describe('A target that is read', () => {
  it('is carried once; then both sides know it by the same object', () => {
    const post = new Post()
    const send = (whole?: boolean): Target =>
      (post.send({ type: 'call', id: 1, target, parameters: [] }, whole) as { target: Target }).target
    const overtaken = send(true)
    expect([overtaken, post.known.length]).to.deep.equal([target, 0])
    const first = send()
    expect(first).to.deep.equal(target)
    expect([send(), send(true)]).to.deep.equal([target, target])
    expect([send() === first, send(true) === first, post.known.length]).to.deep.equal([true, true, 1])
    post.targets.truncate(0)
    expect(post.targets.find(target)).to.equal(-1)
  })

  it('is carried in full when the table is full', () => {
    const post = new Post()
    for (let round = 0; round < 2; round++) {
      for (let place = 0; place < TARGET_LIMIT + 5; place++) {
        const each = { package: 'p', path: `f${place}`, silent: false }
        const message = post.send({ type: 'call', id: 1, target: each, parameters: [] })
        expect((message as { target: Target }).target).to.deep.equal(each)
      }
    }
    expect(post.known).to.have.length(TARGET_LIMIT)
  })

  it('is a violation where it is not in the table, or enters it when it is full', () => {
    const call = [messageTypes.call, 1, 0, 0, 0]
    const parameters = [0, 0xa9, 0]
    const post = new Post()
    expect(() => post.read(Buffer.from([...call, 2, ...parameters]))).to.throw(ProtocolViolation, 'unknown')
    const other = Buffer.from([...call, 0, 0x80, 0x80, 0, ...parameters])
    for (let place = 0; place < TARGET_LIMIT; place++) post.read(other)
    expect(() => post.read(other)).to.throw(ProtocolViolation, 'too many')
  })

  it('keeps its path in parts once somebody has asked for them', () => {
    const [read, root] = [{ ...target }, { ...target, path: '' }]
    expect(segmentsOf(read)).to.deep.equal(['a', 'b'])
    expect(segmentsOf(read)).to.equal(read.segments)
    expect(segmentsOf(root)).to.deep.equal([])
    const longest = Array<string>(MOST_SEGMENTS).fill('a')
    expect(segmentsOf({ ...target, path: longest.join('.') })).to.deep.equal(longest)
    expect(() => segmentsOf({ ...target, path: [...longest, 'a'].join('.') })).to.throw(ProtocolViolation)
  })
})
