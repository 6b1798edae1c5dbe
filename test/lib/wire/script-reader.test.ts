import { expect } from 'chai'
import { ProtocolViolation } from '../../../lib/wire/byte-reader.js'
import { KNOWN, messageTypes } from '../../../lib/wire/message-tags.js'
import type { ScriptMessage, StepMessage } from '../../../lib/wire/messages.js'
import { packLive } from '../../../lib/wire/packed.js'
import { ATTACHMENT_THRESHOLD } from '../../../lib/wire/tags.js'
import { Post } from '../../support/post.js'

describe('A script that is read', () => {
  it('keeps the shared objects and the large values of one step apart from those of the others', () => {
    const [first, second] = [{ first: 1 }, { second: 2 }]
    const steps = [first, second].map((shared) => ({
      operation: 'call' as const,
      base: { kind: 'root' as const, name: 'package' },
      path: ['path'],
      parameters: packLive(
        [shared, shared, Buffer.alloc(ATTACHMENT_THRESHOLD, shared === first ? 1 : 2)],
        '',
        2 ** 28
      ),
      wanted: true
    }))
    const message = new Post().send({ type: 'script', id: 1, steps }) as ScriptMessage
    const arrived = message.steps.map(({ parameters }) => parameters as [object, object, Buffer])
    expect(
      arrived.map(([one, other, { length, [0]: byte }]) => [one, one === other, length, byte])
    ).to.deep.equal([
      [first, true, ATTACHMENT_THRESHOLD, 1],
      [second, true, ATTACHMENT_THRESHOLD, 2]
    ])
  })

  it('has paths that are known from one script to the next by the same object', () => {
    const post = new Post()
    const target = { package: 'semver', path: 'a.b', silent: false }
    const base = { kind: 'root' as const, name: 'semver' }
    const step: StepMessage = {
      operation: 'call',
      base,
      path: ['a', 'b'],
      target,
      parameters: [],
      wanted: true
    }
    const [first, second] = [0, 1].map((id) => {
      return (post.send({ type: 'script', id, steps: [step] }) as ScriptMessage).steps[0] as StepMessage
    })
    expect(first).to.deep.equal({ ...step, target: { ...target, segments: ['a', 'b'] } })
    expect(first?.path).to.equal(second?.path)
  })

  it('is a violation when it is none, and so is what became of a step', () => {
    const { script, outcome } = messageTypes
    const id = [1, 0, 0, 0]
    const [call, root, step] = [0, [0, 0x81, 0x61], 2]
    const rest = [0, 0, 0xa0]
    const wrong: Record<string, number[]> = {
      'an unknown operation': [script, ...id, 1, 0x3f, ...root, ...rest],
      'an unknown base': [script, ...id, 1, call, 3, 0, ...rest],
      'a step before its base': [script, ...id, 2, call, ...root, ...rest, call, step, 1, ...rest],
      'a path of too many parts': [
        script,
        ...id,
        1,
        call,
        ...root,
        17,
        ...Array<number>(17).fill(0x80),
        0,
        0xa0
      ],
      'a target that is not known': [script, ...id, 1, call | KNOWN, 1, 0, 2, 0, 0xa0],
      'a length beyond its bytes': [script, ...id, 2, call, ...root, ...rest],
      'an unknown kind of outcome': [outcome, ...id, 0, 1, 3, 0, 5]
    }
    for (const [name, bytes] of Object.entries(wrong)) {
      expect(() => new Post().read(Buffer.from(bytes)), name).to.throw(ProtocolViolation)
    }
    const right = [script, ...id, 2, call, ...root, ...rest, call, step, 0, ...rest]
    expect(new Post().read(Buffer.from(right)))
      .to.have.property('steps')
      .with.lengthOf(2)
    expect(new Post().read(Buffer.from([outcome, ...id, 0, 1, 2, 0, 0, 5]))).to.include({ state: 'refused' })
  })
})
