import { expect } from 'chai'
import { destroyPools, newPool } from '../support/pools.js'

describe('What the host starts a space with to see what blocks it', () => {
  afterEach(destroyPools)

  it('is not seen by packages', async () => {
    const execArgv = ['--no-deprecation']
    const set = await newPool({ execArgv }).add('environment')
    expect(await set.call('environment', 'execArgv')).to.deep.equal(execArgv)
  })

  it('does not disturb the processes that packages start themselves', async () => {
    const set = await newPool().add('forks')
    expect(await set.call('forks', 'throughCluster')).to.equal(7)
    expect(await set.call('forks', 'throughFork')).to.equal(7)
  })
})
