import { expect } from 'chai'
import { now } from '../../../lib/wire/clock.js'

describe('The clock', () => {
  it('goes on where a package puts another one in the place of that of Node', () => {
    const { hrtime } = process
    const before = now()
    process.hrtime = Object.assign(() => [0, 0] as [number, number], { bigint: () => 0n })
    try {
      expect(now()).to.be.at.least(before)
    } finally {
      process.hrtime = hrtime
    }
  })
})
