import { expect } from 'chai'
import type { PackageSet } from '../../lib/package-set.js'
import type { SpacePool } from '../../lib/space-pool.js'
import { destroyPools, newPool, paths } from '../support/pools.js'
import { errorOf } from '../support/rejections.js'
import { livingSpaces } from '../support/spaces.js'

describe('A set', () => {
  afterEach(destroyPools)

  it('is the same object when the same packages are added again, in whatever order, also at the same time', async () => {
    const pool = newPool()
    const sets = await Promise.all([
      pool.add(['plain-function', 'plain-functions']),
      pool.add(['plain-functions', 'plain-function']),
      pool.add(['plain-functions', { name: 'plain-function' }])
    ])
    expect(new Set(sets)).to.have.property('size', 1)
    expect(await pool.add(['plain-function', 'plain-functions'])).to.equal(sets[0])
    expect(livingSpaces()).to.have.length(1)
    expect(sets[0].key).to.equal('plain-function + plain-functions')
    expect(sets[0].packages).to.deep.equal(['plain-function', 'plain-functions'])
  })

  it('has another key, and a space of its own, for other packages, aliases, parameters or paths', async () => {
    const pool = newPool()
    const account = (parameters: unknown[]): { name: string; parameters: unknown[] } => ({
      name: 'class-with-state',
      parameters
    })
    const one = (): void => undefined
    const specs = [
      ['class-with-state'],
      [{ name: 'class-with-state', as: 'account' }],
      [account([1])],
      [account([1, { onChange: one }])]
    ]
    const sets = await Promise.all([
      ...specs.map((spec) => pool.add(spec)),
      pool.add('class-with-state', { paths })
    ])
    const keys = sets.map(({ key }) => key)
    expect(new Set(keys)).to.have.property('size', 5)
    expect(livingSpaces()).to.have.length(5)
    expect(await pool.add(account([1]))).to.equal(sets[2])
    expect(await pool.add([account([1, { onChange: one }])])).to.equal(sets[3])
  })

  it('does not show in its key what the parameters are, not even to those who guess', async () => {
    const pools = [newPool(), newPool()]
    const secret = { name: 'class-with-state', parameters: [0, { password: 'hunter2' }] }
    const [first, second] = await Promise.all(pools.map((pool) => pool.add(secret)))
    expect(first?.key).to.match(/^class-with-state#[0-9a-f]{12}$/)
    expect(first?.key).not.to.equal(second?.key)
  })

  it('may hold one package twice, under another name', async () => {
    const pool = newPool()
    const set = await pool.add([
      { name: 'class-with-state', as: 'one', parameters: [1] },
      { name: 'class-with-state', as: 'two', parameters: [2] }
    ])
    expect(await set.call('one', 'increment')).to.equal(2)
    expect(await set.call('two', 'value')).to.equal(2)
  })

  it('is refused with other options for the same key', async () => {
    const pool = newPool()
    const set = await pool.add('plain-functions', { concurrency: 2, env: { ONE: '1' } })
    expect(await pool.add('plain-functions')).to.equal(set)
    expect(await pool.add('plain-functions', { concurrency: 2, env: { ONE: '1' } })).to.equal(set)
    const other = await errorOf('ERR_SPACEPOOL_SET_CONFLICT', pool.add('plain-functions', { concurrency: 3 }))
    expect(other).to.include({ key: 'plain-functions', option: 'concurrency' })
    const environment = pool.add('plain-functions', { env: { ONE: '2' } })
    expect(await errorOf('ERR_SPACEPOOL_SET_CONFLICT', environment)).to.include({ option: 'env' })
  })

  it('grows by add(): its key stays, and what is added is there after a rebuild', async () => {
    const pool = newPool()
    const set = await pool.add('plain-functions')
    expect(
      await set.add(['plain-function', { name: 'class-with-state', as: 'account', parameters: [3] }])
    ).to.equal(set)
    expect(await set.add('plain-function')).to.equal(set)
    expect(set.key).to.equal('plain-functions')
    expect(set.packages).to.deep.equal(['plain-functions', 'plain-function', 'account'])
    await set.evict()
    expect(await set.call('account', 'value')).to.equal(3)
    expect(await set.call('plain-function', '', ['you'])).to.equal('hello you')
    const taken = set.add({ name: 'plain-functions', as: 'account' })
    expect(await errorOf('ERR_SPACEPOOL_INVALID_ARGUMENT', taken)).to.include({ argument: 'packages' })
  })

  it('grows in all its replicas, those that start meanwhile included', async () => {
    const pool = newPool()
    const set = await pool.add('plain-functions', { replicas: { min: 1, max: 3 }, concurrency: 1 })
    const busy = [1, 2, 3].map(() => set.call('plain-functions', 'sleep', [60]))
    await Promise.all([set.add('exits'), ...busy])
    const pids = await Promise.all([1, 2, 3].map(() => set.call('exits', 'pid')))
    expect(pids).to.have.length(3)
  })

  it('grows while its space starts again, and while it has none', async () => {
    const pool = newPool({ restart: { minBackoff: 20, maxBackoff: 20 } })
    const set = await pool.add('exits')
    const crash = errorOf('ERR_SPACEPOOL_SPACE_CRASHED', set.call('exits', 'exit0'))
    await crash
    await set.add('plain-functions')
    expect(await set.call('plain-functions', 'add', [1, 2])).to.equal(3)
    await set.evict()
    await set.add('plain-function')
    expect(await set.call('plain-function', '', ['you'])).to.equal('hello you')
    expect(livingSpaces()).to.have.length(1)
  })

  it('lets calls wait that are made while it, or a package of it, is being added', async () => {
    const pool = newPool()
    const adding = pool.add('plain-functions')
    const early = pool.call('plain-functions', 'add', [1, 2])
    const set = await adding
    const growing = set.add('plain-function')
    const calls = [set.call('plain-function', '', ['set']), pool.call('plain-function', '', ['pool'])]
    const value = { text: 'before' }
    const copied = set.call('plain-functions', 'echo', [value])
    value.text = 'after'
    expect(await Promise.all([early, copied, ...calls])).to.deep.equal([
      3,
      { text: 'before' },
      'hello set',
      'hello pool'
    ])
    await growing
  })

  it('stops its spaces when it is evicted, tells the calls in flight, and comes back with the next call', async () => {
    const pool = newPool()
    const set = await pool.add('plain-functions')
    const stopped = errorOf('ERR_SPACEPOOL_SPACE_STOPPED', set.call('plain-functions', 'neverSettles'))
    await set.evict()
    expect(livingSpaces()).to.deep.equal([])
    expect(await stopped).to.include({ reason: 'evict', key: set.key })
    expect(await set.call('plain-functions', 'add', [1, 2])).to.equal(3)
    expect(set.stats()).to.include({ generation: 2, evictions: 1, restarts: 0 })
    await Promise.all([set.evict(), set.evict()])
    await set.evict()
    expect(set.stats().evictions).to.equal(2)
  })

  it('serves calls that are made while it is evicted', async () => {
    const pool = newPool()
    const set = await pool.add('plain-functions')
    const evicting = set.evict()
    expect(await set.call('plain-functions', 'add', [1, 2])).to.equal(3)
    await evicting
  })

  it('is forgotten when it is removed, and may be added again with other options', async () => {
    const pool = newPool()
    const set = await pool.add('plain-functions')
    const pending = errorOf('ERR_SPACEPOOL_SPACE_STOPPED', set.call('plain-functions', 'neverSettles'))
    const removing = set.remove()
    for (const call of [
      pool.call('plain-functions', 'add', [1, 2]),
      set.call('plain-functions', 'add', [1, 2]),
      set.add('plain-function'),
      set.reload(),
      set.evict()
    ]) {
      expect(await errorOf('ERR_SPACEPOOL_PACKAGE_NOT_ADDED', call)).to.include({
        package: 'plain-functions'
      })
    }
    expect(await pending).to.include({ reason: 'remove' })
    await removing
    await set.remove()
    const again = await pool.add('plain-functions', { concurrency: 1 })
    expect(again).not.to.equal(set)
    expect(await again.call('plain-functions', 'add', [1, 2])).to.equal(3)
    expect(livingSpaces()).to.have.length(1)
  })
})

describe('A call of the pool', () => {
  let pool: SpacePool
  let both: PackageSet

  before(async () => {
    pool = newPool()
    both = await pool.add(['plain-functions', 'plain-function'])
    await pool.add('plain-functions', { env: { WHICH: 'alone' } })
    await pool.add(['environment', 'plain-function'])
  })
  after(destroyPools)

  it('goes to the set whose key is the name', async () => {
    expect(await pool.call('plain-functions', 'counter.next')).to.equal(1)
    expect(await both.call('plain-functions', 'counter.next')).to.equal(1)
    expect(await pool.call('plain-functions', 'counter.next')).to.equal(2)
  })

  it('goes to the only set that holds the package', async () => {
    expect(await pool.call('environment', 'cwd')).to.equal(process.cwd())
  })

  it('is refused when several hold it, with their keys, and when none does', async () => {
    const error = await errorOf('ERR_SPACEPOOL_AMBIGUOUS_PACKAGE', pool.call('plain-function', ''))
    expect(error.package).to.equal('plain-function')
    expect(error.candidates).to.have.members([both.key, 'environment + plain-function'])
    expect(await both.call('plain-function', '', ['you'])).to.equal('hello you')
    await errorOf('ERR_SPACEPOOL_PACKAGE_NOT_ADDED', pool.call('semver', 'valid'))
    await errorOf('ERR_SPACEPOOL_PACKAGE_NOT_ADDED', both.call('environment', 'cwd'))
  })
})
