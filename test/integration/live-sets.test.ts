import { expect } from 'chai'
import type { ErrorEvent } from '../../lib/events.js'
import type { PackageSet } from '../../lib/package-set.js'
import type { Remote } from '../../lib/remote.js'
import type { SpacePool } from '../../lib/space-pool.js'
import { living, type Living } from '../support/living.js'
import { destroyPools, newPool } from '../support/pools.js'
import { errorOf, rejectionOf } from '../support/rejections.js'
import { nextEvent, until } from '../support/waiting.js'

describe('A chain of a package that several sets hold', () => {
  afterEach(destroyPools)

  it('is refused with the candidates from the pool, and runs from its set', async () => {
    const pool = newPool()
    const sets = await Promise.all([pool.add(['living', 'path']), pool.add(['living', 'url'])])
    const remote = living(pool)
    for (const chain of [remote.greet('you'), remote.tool('a').use(), remote.holder.number]) {
      const error = await errorOf('ERR_SPACEPOOL_AMBIGUOUS_PACKAGE', wait(chain))
      expect(error.package).to.equal('living')
      expect(error.candidates).to.have.members(sets.map(({ key }) => key))
    }
    expect(await living(sets[0]).greet('you')).to.equal('hello you')
    expect(pool.stats().sets.map(({ calls }) => calls)).to.deep.equal([1, 0])
  })

  it('is an event where nobody awaits it, and leads somewhere once a set has just that name', async () => {
    const pool = newPool()
    await Promise.all([pool.add(['living', 'path']), pool.add(['living', 'url'])])
    const remote = living(pool)
    const told = nextEvent(pool, 'error')
    remote.greet('nobody')
    expect((await told).error).to.have.property('code', 'ERR_SPACEPOOL_AMBIGUOUS_PACKAGE')
    await pool.add('living')
    expect(await remote.greet('you')).to.equal('hello you')
  })
})

describe('Chains that run while their set', () => {
  let pool: SpacePool
  let set: PackageSet
  let remote: Remote<Living>

  beforeEach(async () => {
    pool = newPool()
    set = await pool.add('living')
    remote = set.use<Living>('living')
  })
  afterEach(destroyPools)

  /** A chain that is in its second step, beside one that nobody awaits. */
  const running = async (): Promise<{ awaited: Promise<unknown>; told: Promise<ErrorEvent> }> => {
    const told = nextEvent(pool, 'error')
    const awaited = rejectionOf(wait(remote.tool('runs').with(remote.never())))
    remote.never()
    await until(() => set.stats().inFlight === 2)
    return { awaited, told }
  }

  it('is evicted reject, and later ones run in its next space', async () => {
    const { awaited, told } = await running()
    await set.evict()
    expect(await awaited).to.include({ code: 'ERR_SPACEPOOL_SPACE_STOPPED', reason: 'evict' })
    expect((await told).error).to.include({ code: 'ERR_SPACEPOOL_SPACE_STOPPED', reason: 'evict' })
    expect(await remote.greet('again')).to.equal('hello again')
    expect(set.stats()).to.include({ generation: 2, inFlight: 0 })
  })

  it('is removed reject, and so do later ones from the set, while the pool adds it again', async () => {
    const { awaited } = await running()
    await set.remove()
    expect(await awaited).to.include({ code: 'ERR_SPACEPOOL_SPACE_STOPPED', reason: 'remove' })
    await errorOf('ERR_SPACEPOOL_PACKAGE_NOT_ADDED', wait(remote.greet('late')))
    expect(await living(pool).greet('again')).to.equal('hello again')
  })

  it('is reloaded are answered by the space that they began in', async () => {
    const pid = await remote.pid()
    const chain = wait(remote.tool('old').useLater().count())
    const asked = wait(remote.sleep(50, remote.pid()))
    await set.reload()
    expect(await Promise.all([chain, asked])).to.deep.equal([1, pid])
    expect(await remote.pid()).not.to.equal(pid)
  })

  it('is closed with its pool are waited for, and new ones refused', async () => {
    const chain = wait(remote.sleep(50, 'answered'))
    await new Promise(setImmediate)
    const closing = pool.close()
    await errorOf('ERR_SPACEPOOL_POOL_CLOSED', wait(remote.greet('late')))
    await errorOf('ERR_SPACEPOOL_POOL_CLOSED', wait(living(pool).greet('late')))
    expect(await chain).to.equal('answered')
    await closing
  })

  it('is destroyed with its pool reject, those of its references as well', async () => {
    const tool = await remote.tool('kept')
    const { awaited } = await running()
    const later = rejectionOf(wait(tool.with(remote.never())))
    const noted = rejectionOf(wait(remote.greet('noted in this tick')))
    await pool.destroy()
    for (const error of await Promise.all([awaited, later, noted])) {
      expect(error).to.have.property('code', 'ERR_SPACEPOOL_POOL_CLOSED')
    }
    await errorOf('ERR_SPACEPOOL_POOL_CLOSED', wait(remote.greet('late')))
    await errorOf('ERR_SPACEPOOL_REFERENCE_RELEASED', wait(tool.use()))
  })
})

/** A promise of what a chain settles to. */
async function wait(chain: PromiseLike<unknown>): Promise<unknown> {
  return await chain
}
