import { expect } from 'chai'
import { Reports } from '../../../lib/space/reports.js'
import { ProtocolViolation } from '../../../lib/wire/byte-reader.js'
import { FakeTime } from '../../support/fake-time.js'

describe('Reports of memory', () => {
  let time: FakeTime
  let reports: Reports

  beforeEach(() => {
    time = new FakeTime()
    reports = new Reports(time.clock)
  })

  const countAll = (times: number): void => {
    for (let count = 0; count < times; count++) reports.count()
  }

  it('may come once a second for as long as the space lives, and at once for each package', () => {
    reports.expect()
    countAll(2)
    for (let second = 0; second < 100_000; second++) {
      time.advance(1001)
      reports.count()
    }
    for (let loaded = 0; loaded < 100; loaded++) {
      reports.expect()
      reports.count()
    }
  })

  it('may all be found at once by a host that was stopped for an hour', () => {
    time.stall(3_600_000)
    expect(() => countAll(3600)).not.to.throw()
  })

  it('are a violation when they are more than that', () => {
    reports.expect()
    expect(() => countAll(4)).to.throw(ProtocolViolation, 'more reports of memory')
    time.advance(10_000)
    expect(() => countAll(9)).not.to.throw()
    expect(() => countAll(1)).to.throw(ProtocolViolation)
  })
})
