import { expect } from 'chai'
import fc from 'fast-check'
import type { Replica } from '../../../lib/supervision/replica.js'
import { chooseReplica } from '../../../lib/supervision/routing.js'

const limits = { concurrency: 4, unsent: 1000 }

/** The parts of a replica that routing looks at. */
function replica(inFlight: number, more: { accepting?: boolean; unsentBytes?: number } = {}): Replica {
  return { accepting: true, unsentBytes: 0, inFlight, ...more } as unknown as Replica
}

describe('Routing within a set', () => {
  it('takes the replica with the fewest calls in flight, the first of several', () => {
    const slots = [replica(2), replica(1), replica(1), replica(3)]
    expect(chooseReplica(slots, limits, undefined)).to.equal(slots[1])
  })

  it('passes over empty slots, and over replicas that are full, do not accept, or have too much unsent', () => {
    const free = replica(3)
    const slots = [
      undefined,
      replica(4),
      replica(0, { accepting: false }),
      replica(0, { unsentBytes: 1001 }),
      free
    ]
    expect(chooseReplica(slots, limits, undefined)).to.equal(free)
    expect(chooseReplica(slots.slice(0, 4), limits, undefined)).to.equal(undefined)
    expect(chooseReplica([], limits, undefined)).to.equal(undefined)
  })

  it('takes with an affinity always the same slot, or none', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.integer()),
        fc.array(fc.nat(3), { minLength: 1, maxLength: 9 }),
        (affinity, loads) => {
          const slots = loads.map((load) => replica(load))
          const chosen = slots.indexOf(chooseReplica(slots, limits, affinity) as Replica)
          expect(chosen).to.be.within(0, slots.length - 1)
          const others = [...loads.keys()].map((slot) => (slot === chosen ? replica(4) : replica(0)))
          expect(chooseReplica(others, limits, affinity)).to.equal(undefined)
          const gone = [...loads.keys()].map((slot) => (slot === chosen ? undefined : replica(0)))
          expect(chooseReplica(gone, limits, affinity)).to.equal(undefined)
        }
      )
    )
  })

  it('spreads values of affinity over the slots', () => {
    const slots = Array.from({ length: 4 }, () => replica(0))
    const counts = [0, 0, 0, 0]
    for (let user = 0; user < 4000; user++) {
      const slot = slots.indexOf(chooseReplica(slots, limits, `user-${user}`) as Replica)
      counts[slot] = (counts[slot] ?? 0) + 1
    }
    for (const count of counts) expect(count).to.be.within(700, 1300)
  })

  it('treats a number as its text', () => {
    const slots = Array.from({ length: 7 }, () => replica(0))
    expect(chooseReplica(slots, limits, 42)).to.equal(chooseReplica(slots, limits, '42'))
  })
})
