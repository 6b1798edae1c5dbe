import { expect } from 'chai'
import fc from 'fast-check'
import { drawLimits, nextLook, recycleReason } from '../../../lib/supervision/recycle-policy.js'

const SHORTEST = 10_000
const never = { calls: Infinity, age: Infinity, memory: Infinity }
const life = { calls: 0, age: 20_000, memory: null }

describe('The policy of recycling', () => {
  it('draws each limit from the last fifth below the given one', () => {
    const settings = { maxCalls: 100, maxAge: 1000, maxMemory: 500, hardMemory: 900 }
    expect(drawLimits(settings, () => 0)).to.deep.equal({ calls: 100, age: 1000, memory: 500 })
    expect(drawLimits(settings, () => 1)).to.deep.equal({ calls: 80, age: 800, memory: 400 })
    const off = { maxCalls: Infinity, maxAge: Infinity, maxMemory: Infinity, hardMemory: Infinity }
    expect(drawLimits(off)).to.deep.equal(never)
  })

  it('finds a reason in calls, age and memory, as soon as the limit is reached', () => {
    const limits = { calls: 5, age: 30_000, memory: 100 }
    expect(recycleReason(life, limits, SHORTEST)).to.equal(undefined)
    expect(recycleReason({ ...life, calls: 4 }, limits, SHORTEST)).to.equal(undefined)
    expect(recycleReason({ ...life, calls: 5 }, limits, SHORTEST)).to.equal('calls')
    expect(recycleReason({ ...life, age: 30_000 }, limits, SHORTEST)).to.equal('age')
    expect(recycleReason({ ...life, memory: 100 }, limits, SHORTEST)).to.equal('memory')
    expect(recycleReason({ calls: 1e9, age: 1e9, memory: 1e9 }, never, SHORTEST)).to.equal(undefined)
  })

  it('finds none before the space has lived for a while, and then looks again', () => {
    const young = { calls: 50, age: 4000, memory: null }
    const limits = { ...never, calls: 5 }
    expect(recycleReason(young, limits, SHORTEST)).to.equal(undefined)
    expect(nextLook(young, limits, SHORTEST)).to.equal(6000)
    expect(nextLook({ ...young, calls: 1 }, limits, SHORTEST)).to.equal(Infinity)
  })

  it('looks again when the space is old enough, never for what time does not bring', () => {
    expect(nextLook(life, { ...never, age: 50_000 }, SHORTEST)).to.equal(30_000)
    expect(nextLook({ ...life, age: 0 }, { ...never, age: 5000 }, SHORTEST)).to.equal(SHORTEST)
    expect(nextLook(life, never, SHORTEST)).to.equal(Infinity)
  })

  it('has a reason when the look that it asked for comes, and none before, whatever the life', () => {
    const limit = fc.option(fc.integer({ min: 1, max: 100_000 }), { nil: Infinity })
    const lives = fc.record({
      calls: fc.nat(100_000),
      age: fc.nat(100_000),
      memory: fc.option(fc.nat(100_000))
    })
    const limits = fc.record({ calls: limit, age: limit, memory: limit })
    fc.assert(
      fc.property(lives, limits, fc.nat(20_000), (space, drawn, shortest) => {
        const wait = nextLook(space, drawn, shortest)
        const due = recycleReason(space, drawn, shortest) !== undefined
        expect(wait).to.be.at.least(0)
        const later = (ms: number): unknown =>
          recycleReason({ ...space, age: space.age + ms }, drawn, shortest)
        if (due) {
          expect(space.age).to.be.at.least(shortest)
        } else if (wait === Infinity) {
          expect(drawn.age).to.equal(Infinity)
        } else {
          expect(later(wait)).to.not.equal(undefined)
          expect(later(wait - 1)).to.equal(undefined)
        }
      }),
      { numRuns: 2000 }
    )
  })
})
