import { expect } from 'chai'
import { destroyPools, newSupervisor } from '../support/pools.js'
import { errorOf } from '../support/rejections.js'
import { until } from '../support/waiting.js'

const honest = Date.now
const jump = (hours: number): void => {
  Date.now = () => honest() + hours * 3_600_000
}

describe('A wall clock that jumps', () => {
  afterEach(() => {
    Date.now = honest
  })
  afterEach(destroyPools)

  for (const hours of [48, -48]) {
    it(`by ${hours} hours changes nothing for the wait before a restart`, async () => {
      const pool = newSupervisor({ restart: { minBackoff: 50, maxBackoff: 50 } }, {})
      const set = await pool.supervisor.add(['exits', 'plain-functions'], undefined)
      await errorOf('ERR_SPACEPOOL_SPACE_CRASHED', pool.call(set, 'exits', 'exit1'))
      jump(hours)
      expect(await pool.call(set, 'plain-functions', 'add', [1, 2])).to.equal(3)
    })

    it(`by ${hours} hours changes nothing for a set that is down, and its probe`, async () => {
      const pool = newSupervisor({ restart: { intensity: 0, period: 1 } }, { firstProbe: 300, probeLife: 50 })
      const set = await pool.supervisor.add(['exits', 'plain-functions'], undefined)
      await errorOf('ERR_SPACEPOOL_SPACE_CRASHED', pool.call(set, 'exits', 'exit1'))
      jump(hours)
      const { retryAfter } = await errorOf('ERR_SPACEPOOL_SET_DOWN', pool.call(set, 'plain-functions', 'add'))
      expect(retryAfter).to.be.within(0, 300)
      await until(() => pool.events.some(({ name }) => name === 'setUp'))
      expect(await pool.call(set, 'plain-functions', 'add', [1, 2])).to.equal(3)
    })
  }
})
