import { expect } from 'chai'
import fc from 'fast-check'
import { ProtocolViolation } from '../../../lib/wire/byte-reader.js'
import { Pending } from '../../../lib/wire/pending.js'
import { Sink } from '../../support/conversation.js'

describe('Requests that wait', () => {
  it('are found by their id, once', () => {
    const pending = new Pending()
    const sinks = Array.from({ length: 100 }, () => new Sink())
    const ids = sinks.map((sink) => pending.add(sink) as number)
    expect(new Set(ids).size).to.equal(100)
    for (const [place, id] of [...ids.entries()].reverse()) {
      expect(pending.has(id)).to.equal(true)
      expect(pending.take(id)).to.equal(sinks[place])
      expect(pending.has(id)).to.equal(false)
      expect(() => pending.take(id)).to.throw(ProtocolViolation, 'not waiting')
    }
    expect(pending.size).to.equal(0)
  })

  it('have ids that are not used again soon', () => {
    const pending = new Pending()
    const seen = new Set<number>()
    for (let round = 0; round < 2048; round++) {
      const id = pending.add(new Sink()) as number
      expect(id).to.be.within(0, 2 ** 31 - 1)
      expect(seen.has(id)).to.equal(false)
      seen.add(id)
      pending.take(id)
    }
  })

  it('are told apart from any other id, whatever was asked and answered before', () => {
    const steps = fc.array(
      fc.record({ add: fc.boolean(), id: fc.nat({ max: 2 ** 32 - 1 }), place: fc.nat() })
    )
    fc.assert(
      fc.property(steps, (steps) => {
        const pending = new Pending()
        const waiting = new Map<number, Sink>()
        for (const { add, id, place } of steps) {
          if (add) {
            const sink = new Sink()
            waiting.set(pending.add(sink) as number, sink)
          } else if (waiting.size > 0) {
            const [known, sink] = [...waiting][place % waiting.size] as [number, Sink]
            waiting.delete(known)
            expect(pending.take(known)).to.equal(sink)
          }
          if (!waiting.has(id)) expect(() => pending.take(id)).to.throw(ProtocolViolation)
          expect(pending.size).to.equal(waiting.size)
        }
      })
    )
  })

  it('may pass to another one who waits, unless they were answered', () => {
    const pending = new Pending()
    const [first, second, third] = [new Sink(), new Sink(), new Sink()]
    const id = pending.add(first) as number
    expect(pending.replace(id, second)).to.equal(true)
    expect(pending.take(id)).to.equal(second)
    expect(pending.replace(id, third)).to.equal(false)
    const next = pending.add(first) as number
    expect(pending.replace(id, third)).to.equal(false)
    expect(pending.take(next)).to.equal(first)
  })

  it('are all told when they are lost, also when that leads to new ones', () => {
    const pending = new Pending()
    const sinks = [new Sink(), new Sink(), new Sink()]
    for (const sink of sinks) pending.add(sink)
    const late = new Sink()
    const first = sinks[0] as Sink
    first.lost = () => void pending.add(late)
    pending.loseAll()
    expect(sinks.slice(1).map((sink) => sink.outcomes)).to.deep.equal([
      [{ kind: 'lost' }],
      [{ kind: 'lost' }]
    ])
    expect([pending.size, late.outcomes]).to.deep.equal([1, []])
  })
})
