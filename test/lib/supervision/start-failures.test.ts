import { expect } from 'chai'
import { StartFailures } from '../../../lib/supervision/start-failures.js'
import { FakeTime } from '../../support/fake-time.js'

const waits = { firstStartWait: 100, lastStartWait: 1000, startPatience: 500 }

function begin() {
  const time = new FakeTime(1e6)
  const failures = new StartFailures(waits, time.clock)
  /** It fails, and its wait passes. */
  const pass = (): number => {
    const wait = failures.failed()
    time.advance(wait)
    return wait
  }
  return { time, failures, pass }
}

describe('Starts that fail', () => {
  it('have waits that double up to the longest one, half of each left to chance', () => {
    const { pass } = begin()
    for (const whole of [100, 200, 400, 800, 1000, 1000]) expect(pass()).to.be.within(whole / 2, whole)
  })

  it('have one wait together when they fail together', () => {
    const { time, failures } = begin()
    const wait = failures.failed()
    expect(failures.failed()).to.equal(wait)
    time.advance(10)
    expect(failures.failed()).to.be.closeTo(wait - 10, 1e-6)
  })

  it('begin anew with their waits when one has succeeded', () => {
    const { failures, pass } = begin()
    for (let times = 0; times < 5; times++) pass()
    expect(failures.isOutage).to.equal(true)
    failures.succeeded()
    expect(failures.isOutage).to.equal(false)
    expect(pass()).to.be.within(50, 100)
  })

  it('are an outage when they have failed for a while, not at first', () => {
    const { time, failures } = begin()
    expect(failures.isOutage).to.equal(false)
    failures.failed()
    time.advance(499)
    failures.failed()
    expect(failures.isOutage).to.equal(false)
    time.advance(1)
    failures.failed()
    expect(failures.isOutage).to.equal(true)
  })

  it('have nothing to do with those of long ago', () => {
    const { time, failures, pass } = begin()
    for (let times = 0; times < 5; times++) pass()
    time.advance(1e6)
    expect(failures.failed()).to.be.within(50, 100)
    expect(failures.isOutage).to.equal(false)
  })
})
