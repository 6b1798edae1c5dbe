import { expect } from 'chai'
import { destroyPools, newPool } from '../support/pools.js'
import { livingSpaces } from '../support/spaces.js'
import { nextEvent, until, within } from '../support/waiting.js'

describe('A space without activity', () => {
  afterEach(destroyPools)

  it('is stopped after the timeout, with an event, and the next call brings it back', async () => {
    const pool = newPool({ inactivityTimeout: 60 })
    const set = await pool.add({ name: 'class-with-state', parameters: [1] })
    const begun = performance.now()
    expect(await set.call('class-with-state', 'increment')).to.equal(2)
    const [evicted, exit] = [nextEvent(pool, 'spaceEvict'), nextEvent(pool, 'spaceExit')]
    const event = await within(1000, evicted)
    expect(performance.now() - begun).to.be.at.least(59)
    expect(event).to.include({ reason: 'inactivity', key: set.key, generation: 1, stateLost: true })
    expect(event.idle).to.be.within(59, performance.now() - begun)
    expect(await exit).to.include({ reason: 'evict', cause: null })
    expect(livingSpaces()).to.deep.equal([])
    expect(pool.stats().spaces).to.deep.equal([])
    expect(await set.call('class-with-state', 'value')).to.equal(1)
    expect(set.stats()).to.include({ generation: 2, evictions: 1, restarts: 0, errors: 0 })
  })

  it('is stopped by its own clock: each set has its timeout, and that of the pool', async () => {
    const pool = newPool({ inactivityTimeout: 60 })
    const exit = nextEvent(pool, 'spaceExit')
    const [short, long, never] = await Promise.all([
      pool.add('plain-functions'),
      pool.add('plain-function', { inactivityTimeout: 3_600_000_000_000 }),
      pool.add('values', { inactivityTimeout: 0 })
    ])
    expect(await exit).to.include({ key: short.key })
    expect(pool.stats().spaces.map(({ key }) => key)).to.have.members([long.key, never.key])
  })

  it('is not idle while a call is in flight, however long it takes', async () => {
    const pool = newPool({ inactivityTimeout: 40 })
    const set = await pool.add('plain-functions')
    expect(await set.call('plain-functions', 'sleep', [200, 'done'])).to.equal('done')
    expect(set.stats()).to.include({ generation: 1, evictions: 0 })
  })

  it('is not idle while it calls a live callback, and is when it does not any more', async () => {
    const pool = newPool({ inactivityTimeout: 1500 })
    const set = await pool.add('callbacks')
    let count = 0
    await set.call('callbacks', 'start', [30, () => count++])
    await until(() => count > 60)
    expect(set.stats()).to.include({ evictions: 0 })
    const evicted = nextEvent(pool, 'spaceEvict')
    await set.call('callbacks', 'stop')
    expect(await evicted).to.include({ reason: 'inactivity' })
  })

  it('counts anew when it is told to', async () => {
    const pool = newPool({ inactivityTimeout: 80 })
    const set = await pool.add('plain-functions')
    const evicted = nextEvent(pool, 'spaceEvict')
    const begun = performance.now()
    const timer = setInterval(() => set.resetInactivity(), 20)
    await until(() => performance.now() - begun > 200)
    expect(set.stats().evictions).to.equal(0)
    clearInterval(timer)
    expect((await within(1000, evicted)).idle).to.be.at.least(79)
    set.resetInactivity()
  })

  it('that is called at the very moment of its end is not missed', async () => {
    const pool = newPool({ inactivityTimeout: 10 })
    const set = await pool.add('plain-functions')
    for (let round = 0; round < 6; round++) {
      await set.call('plain-functions', 'sleep', [8 + (round % 5)])
      const timer = performance.now()
      await until(() => performance.now() - timer >= 8 + (round % 4))
    }
    expect(set.stats()).to.include({ calls: 6, errors: 0 })
  })
})
