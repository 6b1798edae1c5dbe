import { expect } from 'chai'
import fc from 'fast-check'
import { StartLimiter } from '../../../lib/supervision/start-limiter.js'
import { FakeTime } from '../../support/fake-time.js'

describe('The limiter of starts', () => {
  it('lets so many begin at once, and the next ones as these are over, in the order asked', () => {
    const time = new FakeTime()
    const limiter = new StartLimiter(time.clock, time.schedule, Infinity, 2)
    const begun: number[] = []
    for (const each of [1, 2, 3, 4]) limiter.request(() => begun.push(each))
    expect(begun).to.deep.equal([1, 2])
    limiter.finished()
    expect(begun).to.deep.equal([1, 2, 3])
    limiter.finished()
    limiter.finished()
    expect(begun).to.deep.equal([1, 2, 3, 4])
    expect(time.pending).to.equal(0)
  })

  it('lets so many begin within a second, and wakes by one timer', () => {
    const { time, begun, ask } = limited(3)
    ask(8)
    expect(begun).to.deep.equal([0, 0, 0])
    expect(time.pending).to.equal(1)
    time.advance(10_000)
    expect(begun).to.deep.equal([0, 0, 0, 1000, 1000, 1000, 2000, 2000])
    expect(time.pending).to.equal(0)
  })

  it('lets one begin in a longer time when it may be less than one in a second', () => {
    const { time, begun, ask } = limited(0.5)
    ask(3)
    time.advance(10_000)
    expect(begun).to.deep.equal([0, 2000, 4000])
  })

  it('lets all begin when it is closed, and has no timer then', () => {
    const { time, begun, limiter, ask } = limited(1)
    ask(5)
    limiter.close()
    expect(begun).to.have.length(5)
    expect(time.pending).to.equal(0)
  })

  it('does not let begin, nor counts, what is not wanted any more, and keeps the order of the others', () => {
    const { time, limiter, begun } = limited(1)
    const order: string[] = []
    const ask = (name: string): (() => boolean) =>
      limiter.request(() => {
        order.push(name)
        begun.push(time.now)
      })
    const withdrawals = ['a', 'b', 'c'].map(ask)
    expect(withdrawals.map((withdraw, index) => index < 2 && withdraw())).to.deep.equal([false, true, false])
    time.advance(1000)
    expect([order, begun]).to.deep.equal([
      ['a', 'c'],
      [0, 1000]
    ])
    expect(withdrawals.map((withdraw) => withdraw())).to.deep.equal([false, false, false])
    expect(time.pending).to.equal(0)
  })

  it('never lets more begin in any second than it may, nor keeps one waiting without need, whatever is asked', () => {
    const pauses = fc.array(fc.tuple(fc.nat(700), fc.integer({ min: 1, max: 4 })), { maxLength: 60 })
    fc.assert(
      fc.property(pauses, fc.integer({ min: 1, max: 12 }), (asked, perSecond) => {
        const { time, begun, ask } = limited(perSecond)
        let total = 0
        for (const [pause, count] of asked) {
          time.advance(pause)
          ask(count)
          total += count
        }
        time.advance(1000 * Math.ceil(total / perSecond))
        expect(begun).to.have.length(total)
        begun.forEach((moment, index) => {
          const before = begun[index - perSecond]
          if (before !== undefined) expect(moment - before).to.be.at.least(1000)
        })
      }),
      { numRuns: 1000 }
    )
  })
})

/** A limiter whose starts are over at once. */
function limited(perSecond: number) {
  const time = new FakeTime()
  const limiter = new StartLimiter(time.clock, time.schedule, perSecond, 1000)
  const begun: number[] = []
  const ask = (count: number): void => {
    for (let each = 0; each < count; each++) limiter.request(() => begun.push(time.now))
  }
  return { time, limiter, begun, ask }
}
