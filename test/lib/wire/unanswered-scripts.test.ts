import { expect } from 'chai'
import { Duplex, PassThrough } from 'node:stream'
import { ProtocolViolation } from '../../../lib/wire/byte-reader.js'
import { endOfAny } from '../../../lib/wire/lent-streams.js'
import type { ScriptMessage } from '../../../lib/wire/messages.js'
import { UNANSWERED_WEIGHT } from '../../../lib/wire/protocol-limits.js'
import { UnansweredScripts } from '../../../lib/wire/unanswered-scripts.js'

const MIB = 1024 * 1024

function script(number: number, method: string): ScriptMessage {
  const base = { kind: 'reference', number } as const
  const step = { operation: 'call', base, path: [method], parameters: [], wanted: true } as const
  return { type: 'script', id: 1, steps: [{ ...step, parameters: [] }] }
}

describe('Scripts that have an outcome left', () => {
  const lent = [
    { lent: endOfAny(new PassThrough()), releases: 0 },
    { lent: endOfAny(new Duplex()), releases: 1 },
    { lent: {}, releases: 0 }
  ]
  const things = { get: (number: number) => lent[number] as (typeof lent)[number] }
  let relieved: number
  let scripts: UnansweredScripts

  beforeEach(() => {
    relieved = 0
    scripts = new UnansweredScripts(things, 100, () => void relieved++)
  })

  const begin = (number: number, method: string, size = 0): (() => void) =>
    scripts.begin(script(number, method), size)

  it('are too heavy when they take more than may wait beside one value, until some are answered', () => {
    const one = begin(2, 'any', 1024 * MIB)
    const most = begin(2, 'any', UNANSWERED_WEIGHT - 8192)
    expect(scripts.areTooHeavy).to.equal(false)
    const little = Array.from({ length: 5 }, () => begin(2, 'any'))
    expect(scripts.areTooHeavy).to.equal(true)
    for (const answered of little) answered()
    expect([scripts.areTooHeavy, relieved]).to.deep.equal([false, 1])
    one()
    most()
    expect(relieved).to.equal(1)
  })

  it('may ask one thing of each kind of a stream, and again when that is answered', () => {
    const answers = ['pull', 'write', 'over', 'end'].map((request) => begin(0, request))
    for (const request of ['pull', 'write', 'over', 'end']) {
      expect(() => begin(0, request)).to.throw(ProtocolViolation, 'more of a stream')
    }
    for (const answered of answers) answered()
    for (const request of ['pull', 'write']) begin(0, request)
  })

  it('may ask the same once more for each time that the stream was let go of and stayed lent', () => {
    for (let count = 0; count < 2; count++) begin(1, 'pull')
    expect(() => begin(1, 'pull')).to.throw(ProtocolViolation)
  })

  it('may ask anything else as often as they like', () => {
    for (let count = 0; count < 50; count++) begin(2, 'write')
  })
})
