import { expect } from 'chai'
import fc from 'fast-check'
import { BoundCalls } from '../../../lib/supervision/bound-calls.js'
import type { PendingCall } from '../../../lib/supervision/pending-call.js'
import { slotOf } from '../../../lib/supervision/routing.js'

let order = 0

/** The parts of a call that its queue knows. */
function callOf(affinity: string | number, size = 1): PendingCall {
  return { state: 'queued', order: ++order, size, settings: { affinity } } as unknown as PendingCall
}

describe('Calls that are bound to a replica', () => {
  it('wait in order, each for its own', () => {
    const calls = new BoundCalls(() => 2)
    const values = [...Array(20).keys()].map((affinity) => callOf(affinity, affinity))
    for (const call of values) calls.push(call)
    expect(calls).to.include({ length: 20, bytes: 190 })
    for (const slot of [0, 1]) {
      const expected = values.filter(({ settings }) => slotOf(settings.affinity ?? '', 2) === slot)
      expect(expected).not.to.have.length(0)
      expect(calls.peek(slot)).to.equal(expected[0])
      expect(expected.map(() => calls.shift(slot))).to.deep.equal(expected)
      expect(calls.shift(slot)).to.equal(undefined)
    }
    expect(calls).to.include({ length: 0, bytes: 0 })
  })

  it('wait in the same order for another one when the number of replicas changes', () => {
    let slots = 3
    const calls = new BoundCalls(() => slots)
    const values = [...Array(20).keys()].map((affinity) => callOf(affinity))
    for (const call of values) calls.push(call)
    slots = 1
    expect(values.map(() => calls.shift(0))).to.deep.equal(values)
  })

  it('are those that a plain list would give, whatever comes and goes', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('push'), affinity: fc.nat(9) }),
      fc.record({ do: fc.constant('shift'), affinity: fc.nat(9) }),
      fc.record({ do: fc.constant('leave'), affinity: fc.nat(30) }),
      fc.record({ do: fc.constant('slots'), affinity: fc.integer({ min: 1, max: 5 }) })
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let slots = 2
        const calls = new BoundCalls(() => slots)
        const list: PendingCall[] = []
        for (const { do: what, affinity } of steps) {
          if (what === 'slots') slots = affinity
          if (what === 'push') {
            const call = callOf(affinity, affinity)
            calls.push(call)
            list.push(call)
          }
          if (what === 'shift') {
            const slot = affinity % slots
            const first = list.findIndex(({ settings }) => slotOf(settings.affinity ?? '', slots) === slot)
            expect(calls.shift(slot)).to.equal(first < 0 ? undefined : list.splice(first, 1)[0])
          }
          if (what === 'leave' && affinity < list.length) {
            const [call] = list.splice(affinity, 1) as [PendingCall]
            calls.left(call)
            call.state = 'settled'
          }
          expect(calls.length).to.equal(list.length)
          expect(calls.bytes).to.equal(list.reduce((sum, { size }) => sum + size, 0))
        }
        expect(calls.takeAll()).to.have.members(list)
        expect(calls).to.include({ length: 0, bytes: 0 })
      }),
      { numRuns: 300 }
    )
  })
})
