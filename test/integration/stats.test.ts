import { expect } from 'chai'
import { destroyPools, newPool } from '../support/pools.js'
import { errorOf } from '../support/rejections.js'
import { until } from '../support/waiting.js'

describe('The figures of a pool', () => {
  afterEach(destroyPools)

  it('of one that has done nothing are empty', () => {
    expect(newPool().stats()).to.deep.equal({ spaces: [], sets: [], queued: 0, inFlight: 0 })
  })

  it('tell each space and each set, and are plain values of that moment', async () => {
    const pool = newPool({ concurrency: 2, spares: 1 })
    const set = await pool.add(['plain-functions', 'callbacks'])
    await until(() => pool.stats().spaces.filter(({ state }) => state === 'ready').length === 2)
    await set.call('callbacks', 'keep', [() => undefined])
    await errorOf('ERR_SPACEPOOL_FUNCTION_NOT_FOUND', set.call('callbacks', 'nowhere'))
    const calls = [1, 2, 3].map(() => set.call('plain-functions', 'sleep', [30]))
    const stats = pool.stats()
    const { key } = set
    const packages = ['callbacks', 'plain-functions']
    expect(stats).to.include({ queued: 1, inFlight: 2 })
    expect(stats.sets).to.deep.equal([
      {
        ...{ key, packages: ['plain-functions', 'callbacks'], queued: 1, inFlight: 2, calls: 5, errors: 1 },
        ...{ restarts: 0, evictions: 0, generation: 1, down: false, references: 0, callbacks: 1 }
      }
    ])
    const busy = stats.spaces.find((space) => space.key === key)
    const spare = stats.spaces.find((space) => space.key === null)
    expect(busy).to.deep.include({ state: 'ready', inFlight: 2, calls: 4, generation: 1 })
    expect(busy?.packages).to.have.members(packages)
    expect(busy?.uptime).to.be.within(10, 10_000)
    expect(busy?.memory).to.be.greaterThan(10_000_000)
    expect(spare).to.deep.include({
      packages: [],
      state: 'ready',
      inFlight: 0,
      calls: 0,
      generation: 0,
      memory: null
    })
    for (const space of stats.spaces) expect(() => process.kill(space.pid ?? 0, 0)).not.to.throw()
    await Promise.all(calls)
    expect(stats.inFlight).to.equal(2)
    expect(JSON.parse(JSON.stringify(stats))).to.deep.equal(stats)
    expect(set.stats()).to.deep.equal(pool.stats().sets[0])
  })

  it('tell of spaces that start and that stop', async () => {
    const pool = newPool()
    const adding = pool.add('plain-functions')
    await until(() => pool.stats().spaces.length === 1)
    expect(pool.stats().spaces[0]).to.deep.include({
      state: 'starting',
      key: 'plain-functions',
      memory: null
    })
    expect(pool.stats().sets[0]).to.deep.include({ generation: 1, packages: ['plain-functions'] })
    const set = await adding
    const evicting = set.evict()
    expect(pool.stats().spaces.map(({ state }) => state)).to.deep.equal(['stopping'])
    await evicting
    expect(pool.stats().spaces).to.deep.equal([])
  })
})
