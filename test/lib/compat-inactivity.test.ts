import { expect } from 'chai'
import { InactivityTimer } from '../../lib/compat-inactivity.js'

describe('The timer of inactivity', () => {
  it('is a real Timeout of the time that was given, which keeps the process alive', () => {
    const timer = new InactivityTimer(3_600_000, () => {})
    expect(timer.timeout).to.include({ _idleTimeout: 3_600_000, _repeat: null })
    expect(timer.timeout.hasRef()).to.equal(true)
    timer.stop()
  })

  it('is over after so many ms without activity', async () => {
    const begun = performance.now()
    await new Promise<void>((resolve) => new InactivityTimer(20, resolve))
    expect(performance.now() - begun).to.be.greaterThan(18)
  })

  it('begins anew with a new Timeout, and the old one does nothing any more', async () => {
    let times = 0
    await new Promise<void>((resolve) => {
      const timer = new InactivityTimer(20, () => {
        times++
        resolve()
      })
      const first = timer.timeout
      expect(timer.reset()).to.not.equal(first)
      expect(timer.timeout).to.include({ _destroyed: false })
      expect(first).to.include({ _destroyed: true })
    })
    expect(times).to.equal(1)
  })

  it('takes times that no timer can hold, and never', () => {
    for (const long of [2 ** 40, Infinity]) {
      const timer = new InactivityTimer(long, () => {})
      expect(timer.timeout).to.include({ _idleTimeout: 2 ** 31 - 1 })
      timer.stop()
    }
  })
})
