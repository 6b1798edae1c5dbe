import { expect } from 'chai'
import { NewsRate } from '../../../lib/supervision/news-rate.js'
import { FakeTime } from '../../support/fake-time.js'

describe('News that a package brings about at any rate', () => {
  let time: FakeTime
  let leftOut: number[]
  let rate: NewsRate

  beforeEach(() => {
    time = new FakeTime(1000)
    leftOut = []
    rate = new NewsRate(time.clock, time.schedule, (count) => leftOut.push(count))
  })

  const admitted = (times: number): number => {
    let count = 0
    for (let left = times; left > 0; left--) if (rate.admits()) count++
    return count
  }

  it('are all told while they are few, without a timer', () => {
    for (let window = 0; window < 50; window++) {
      expect(admitted(100)).to.equal(100)
      time.advance(100)
    }
    expect([leftOut, time.pending]).to.deep.equal([[], 0])
  })

  it('are left out where they are many, and counted when the window is over', () => {
    expect(admitted(5000)).to.equal(100)
    expect(leftOut).to.deep.equal([])
    time.advance(100)
    expect(leftOut).to.deep.equal([4900])
    expect(admitted(101)).to.equal(100)
    time.advance(1000)
    expect([leftOut, time.pending]).to.deep.equal([[4900, 1], 0])
  })

  it('are told again after a window, though its timer is late', () => {
    admitted(150)
    time.now += 300
    expect(rate.admits()).to.equal(true)
    expect([leftOut, time.pending]).to.deep.equal([[50], 0])
  })

  it('are told a thousand times a second at most', () => {
    let told = 0
    for (let count = 0; count < 100_000; count++) {
      if (rate.admits()) told++
      time.advance(0.1)
    }
    time.advance(100)
    const silent = leftOut.reduce((sum, count) => sum + count, 0)
    expect(told).to.be.within(9000, 10_100)
    expect(told + silent).to.equal(100_000)
  })
})
