import { expect } from 'chai'
import { joinOverlapping, StepGroup } from '../../../lib/wire/step-group.js'

describe('Groups of steps', () => {
  const lane = {}
  const groupOf = (first: number, last: number, home?: object, within = lane): StepGroup => {
    const group = new StepGroup(first, within)
    group.last = last
    group.count = 2
    group.home = home
    return group
  }

  it('become one when one takes the other, whose steps and home it has then', () => {
    const home = {}
    const [first, second, third] = [groupOf(0, 1), groupOf(2, 3, home), groupOf(4, 5)]
    second.take(third)
    first.take(second)
    expect([first.count, first.last, first.home]).to.deep.equal([6, 5, home])
    for (const group of [first, second, third]) expect(group.whole).to.equal(first)
    expect([first.isPart, second.isPart, third.isPart]).to.deep.equal([false, true, true])
  })

  it('that alternate are joined, others are not', () => {
    const [first, second, third] = [groupOf(0, 4), groupOf(1, 6), groupOf(7, 8)]
    expect(joinOverlapping([first, second, third])).to.deep.equal([first, third])
    expect(second.whole).to.equal(first)
  })

  it('of different lanes or homes are not joined, though they alternate', () => {
    const other = groupOf(1, 5, undefined, {})
    const [here, there, free] = [groupOf(0, 9, {}), groupOf(2, 8, {}), groupOf(3, 4)]
    expect(joinOverlapping([here, other, there, free])).to.deep.equal([here, other, there])
    expect(free.whole).to.equal(there)
  })
})
