import { join } from 'node:path'
import { expect } from 'chai'
import { packages, removeWrittenFolders, writtenFolder } from '../spaces/fixtures.js'
import { destroyPools, newPool } from '../support/pools.js'
import { errorOf } from '../support/rejections.js'
import { nextEvent, within } from '../support/waiting.js'

const restart = { intensity: Infinity, minBackoff: 0, maxBackoff: 0 }
const MIB = 1024 * 1024

describe('A space that has too much memory', () => {
  afterEach(destroyPools)
  after(removeWrittenFolders)

  it('is killed at its hard limit, and its calls are told why', async () => {
    const pool = newPool({ restart, recycle: { hardMemory: 200 * MIB } })
    const set = await pool.add(['memory', 'plain-functions'])
    const exit = nextEvent(pool, 'spaceExit')
    const crash = errorOf('ERR_SPACEPOOL_SPACE_CRASHED', set.call('plain-functions', 'neverSettles'))
    await set.call('memory', 'grow', [300 * MIB]).catch(() => undefined)
    expect(await crash).to.include({ cause: 'out-of-memory', signal: 'SIGKILL', phase: 'written' })
    expect(await exit).to.include({ reason: 'crash', cause: 'out-of-memory' })
    expect(await set.call('memory', 'resident')).to.be.below(200 * MIB)
  })

  if (process.platform === 'linux') {
    it('is killed while a package that hoards is loaded, be it the first one or one that is added', async () => {
      const folder = writtenFolder({
        'hoards.js': `const { grow } = require(${JSON.stringify(join(packages, 'memory'))})
          grow(${300 * MIB})
          for (;;) {}`
      })
      const pool = newPool({ restart, recycle: { hardMemory: 250 * MIB } })
      const set = await pool.add('memory')
      const additions = [pool, set].map((each) =>
        errorOf('ERR_SPACEPOOL_SPACE_CRASHED', each.add(join(folder, 'hoards.js')))
      )
      for (const crash of additions) {
        expect(await within(10_000, crash)).to.include({
          phase: 'loading',
          cause: 'out-of-memory',
          signal: 'SIGKILL'
        })
      }
      expect(await set.call('memory', 'resident')).to.be.below(250 * MIB)
    })

    it('is killed while it hoards in a loop, in Buffers that the limit of V8 does not count', async () => {
      const execArgv = ['--max-old-space-size=64']
      const pool = newPool({ restart, execArgv, recycle: { hardMemory: 250 * MIB } })
      const set = await pool.add('memory')
      const call = set.call('memory', 'growThenSpin', [300 * MIB])
      expect(await errorOf('ERR_SPACEPOOL_SPACE_CRASHED', call)).to.include({ cause: 'out-of-memory' })
    })
  }

  it('is said to be out of memory when its heap is full', async () => {
    const pool = newPool({ restart, execArgv: ['--max-old-space-size=32'] })
    const set = await pool.add('memory')
    const call = set.call('memory', 'growHeap', [1e8])
    expect(await errorOf('ERR_SPACEPOOL_SPACE_CRASHED', call)).to.include({ cause: 'out-of-memory' })
    expect(await set.call('memory', 'growHeap', [10])).to.be.a('number')
  })

  it('is left alone below its limits, and the other sets are whatever it does', async () => {
    const pool = newPool({ restart })
    const [large, other] = await Promise.all([
      pool.add('memory', { recycle: { hardMemory: 150 * MIB } }),
      pool.add({ name: 'memory', as: 'other' }, { recycle: { hardMemory: 800 * MIB } })
    ])
    expect(await other.call('other', 'grow', [200 * MIB])).to.be.above(200 * MIB)
    const crash = errorOf('ERR_SPACEPOOL_SPACE_CRASHED', large.call('memory', 'growThenSpin', [200 * MIB]))
    expect(await crash).to.include({ cause: 'out-of-memory' })
    expect(await other.call('other', 'resident')).to.be.above(200 * MIB)
    expect(other.stats()).to.include({ generation: 1, errors: 0 })
  })
})
