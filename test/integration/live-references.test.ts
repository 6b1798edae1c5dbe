import { expect } from 'chai'
import { release } from '../../lib/live.js'
import type { Remote } from '../../lib/remote.js'
import type { PackageSet } from '../../lib/package-set.js'
import type { SpacePool } from '../../lib/space-pool.js'
import { collectUntil } from '../support/garbage.js'
import { Host } from '../support/host.js'
import { living, newLivingPool, type Living } from '../support/living.js'
import { destroyPools, newPool, newSupervisor } from '../support/pools.js'
import { recordingLogger, type LogRecord } from '../support/records.js'
import { errorOf } from '../support/rejections.js'
import { stillRunning } from '../support/running.js'
import { nextEvent, until } from '../support/waiting.js'

const restart = { intensity: Infinity, minBackoff: 0, maxBackoff: 0 }

describe('A reference', () => {
  let set: PackageSet
  let remote: Remote<Living>

  before(async () => {
    ;({ set, remote } = await newLivingPool())
  })
  beforeEach(async () => {
    await remote.done()
  })
  after(destroyPools)

  it('is counted until it is released', async () => {
    const tools = await Promise.all([remote.tool('a'), remote.tool('b')])
    expect(set.stats().references).to.equal(2)
    expect(await tools[0].self()).to.equal(tools[0])
    expect(set.stats().references).to.equal(2)
    for (const tool of tools) release(tool)
    expect(set.stats().references).to.equal(0)
    const functions = [(): void => undefined, (): void => undefined]
    await remote.keep(functions)
    expect(set.stats()).to.deep.include({ references: 0, callbacks: 2 })
    await remote.forget()
  })

  it('ends with the block that declares it by `using`', async () => {
    {
      using tool = await remote.closing('used')
      expect(await tool.use().count()).to.equal(1)
      expect(set.stats().references).to.equal(1)
    }
    expect(set.stats().references).to.equal(0)
    expect(await remote.done()).to.deep.equal(['new used', 'used '])
  })

  it('has its own disposer called by `await using`, and is released then', async () => {
    {
      await using first = await remote.closing('first')
      await using second = await remote.closingLater('second')
      await using none = await remote.tool('without')
      expect([await first.count(), await second.count(), await none.count()]).to.deep.equal([0, 0, 0])
    }
    expect(set.stats().references).to.equal(0)
    expect((await remote.done()).slice(3)).to.deep.equal(['second disposed later', 'first disposed'])
  })

  it('says after its release that it is over, and to which generation it belonged', async () => {
    const tool = await remote.tool('over')
    release(tool)
    for (const late of [wait(tool.use()), wait(tool.name), wait(remote.isTool([tool])), iterate(tool)]) {
      const error = await errorOf('ERR_SPACEPOOL_REFERENCE_RELEASED', late)
      expect(error).to.include({ key: 'living', generation: 1 })
      expect(error.message).to.match(/generation 1/)
    }
    expect(await remote.done()).to.deep.equal(['new over'])
  })

  it('that was released is refused in what a callback returns, and its space goes on', async () => {
    const tool = await remote.tool('released')
    const giving = remote.callbackWith((given) => {
      release(tool)
      release(given)
      return [given, tool]
    })
    await errorOf('ERR_SPACEPOOL_REFERENCE_RELEASED', wait(giving))
    expect(set.stats()).to.include({ generation: 1, references: 0 })
  })

  it('is a new one when the same object comes again after its release', async () => {
    const tool = await remote.tool('again')
    await remote.keep(tool)
    release(tool)
    const again = (await remote.kept()) as typeof tool
    expect(again).not.to.equal(tool)
    expect(await again.name).to.equal('again')
    release(again)
    await remote.forget()
  })

  it('lets go of the object in the space when it is released', async () => {
    const own = newPool()
    const remote = living(own)
    for (let round = 0; round < 20; round++) {
      const tools = await remote.several(900)
      for (const tool of tools) release(tool)
    }
    // More than 10 000 at the same time would have been refused.
    expect(own.stats().sets[0]).to.include({ references: 0, errors: 0 })
    await own.destroy()
  })
})

describe('The end of references', () => {
  afterEach(destroyPools)

  const releasedAfter = async (
    generation: number,
    end: (pool: SpacePool, remote: Remote<Living>) => Promise<unknown>
  ): Promise<void> => {
    const pool = newPool({ restart })
    const remote = living(pool)
    const tool = await remote.tool('ends')
    await end(pool, remote)
    const error = await errorOf('ERR_SPACEPOOL_REFERENCE_RELEASED', wait(tool.use()))
    expect(error).to.include({ generation: 1, key: 'living' })
    const again = await remote.tool('again')
    expect(await remote.isTool(again)).to.equal(true)
    expect(pool.stats().sets[0]).to.include({ generation, references: 1 })
    await errorOf('ERR_SPACEPOOL_REFERENCE_RELEASED', wait(remote.isTool(tool)))
  }

  it('comes with a crash', async () => {
    await releasedAfter(2, async (pool, remote) => {
      const exit = nextEvent(pool, 'spaceExit')
      await errorOf('ERR_SPACEPOOL_SPACE_CRASHED', wait(remote.exit()))
      await exit
    })
  })

  it('comes with an eviction', async () => {
    await releasedAfter(2, async (pool) => (await pool.add('living')).evict())
  })

  it('comes with a reload', async () => {
    await releasedAfter(2, async (pool) => (await pool.add('living')).reload())
  })

  it('comes with inactivity, which a reference does not put off', async () => {
    const pool = newPool({ inactivityTimeout: 60 })
    const remote = living(pool)
    const evicted = nextEvent(pool, 'spaceEvict')
    const tool = await remote.tool('idle')
    expect(await evicted).to.include({ reason: 'inactivity' })
    const error = await errorOf('ERR_SPACEPOOL_REFERENCE_RELEASED', wait(tool.use()))
    expect(error).to.have.property('generation', 1)
  })

  it('comes with the removal of the set', async () => {
    const pool = newPool()
    const set = await pool.add('living')
    const tool = await set.use<Living>('living').tool('removed')
    await set.remove()
    await errorOf('ERR_SPACEPOOL_REFERENCE_RELEASED', wait(tool.use()))
    release(tool)
  })

  it('is not brought about for the room of another set, which waits until it is released', async () => {
    const pool = newPool({ maxSpaces: 1 })
    const tool = await living(pool).tool('holds the room')
    const other = pool.add('plain-functions')
    let isAdded = false
    void other.then(() => (isAdded = true))
    expect(await tool.use().count()).to.equal(1)
    expect(isAdded).to.equal(false)
    const evicted = nextEvent(pool, 'spaceEvict')
    release(tool)
    expect(await evicted).to.include({ key: 'living', reason: 'room' })
    await other
  })
})

describe('References beyond the limit', () => {
  afterEach(destroyPools)

  it('to one space are refused until others are released', async () => {
    const { supervisor } = newSupervisor({}, { callbacks: 20 })
    const remote = supervisor.use('living') as Remote<Living>
    const error = await errorOf('ERR_SPACEPOOL_TOO_MANY_REFERENCES', wait(remote.several(21)))
    expect(error.limit).to.equal(20)
    expect(error.message).to.match(/release\(\)/)
    for (let round = 0; round < 5; round++) {
      const tools = await remote.several(20)
      await errorOf('ERR_SPACEPOOL_TOO_MANY_REFERENCES', wait(remote.tool('one more')))
      expect(await remote.greet('you')).to.equal('hello you')
      for (const tool of tools) release(tool)
    }
    expect(await (await remote.tool('one more')).count()).to.equal(0)
  })

  it('from one space to objects of the host are refused, too', async () => {
    const { supervisor } = newSupervisor({}, { callbacks: 20 })
    const remote = supervisor.use('living') as Remote<Living>
    const functions = Array.from({ length: 21 }, () => (): void => undefined)
    await errorOf('ERR_SPACEPOOL_TOO_MANY_REFERENCES', wait(remote.keep(functions)))
    await remote.keep(functions.slice(1))
    expect(await remote.greet('you')).to.equal('hello you')
  })
})

describe('A reference that nobody releases', () => {
  afterEach(destroyPools)

  const withRecords = async (): Promise<{
    remote: Remote<Living>
    count: () => number
    warnings: () => LogRecord[]
  }> => {
    const { logger, records } = recordingLogger()
    const { supervisor } = newSupervisor({}, {}, logger)
    const remote = supervisor.use('living') as Remote<Living>
    await remote.greet('you')
    return {
      remote,
      count: () => supervisor.all[0]?.replicas.all[0]?.references ?? 0,
      warnings: () => records.filter(({ level }) => level === 'warn')
    }
  }

  it('is released when it is collected, and the log says so', async () => {
    const { remote, count, warnings } = await withRecords()
    await (async () => {
      const tool = await remote.tool('forgotten')
      await tool.use()
      const { list } = await remote.inStructures()
      expect(list).to.have.length(1)
      expect(count()).to.equal(2)
    })()
    await collectUntil(() => count() === 0)
    expect(warnings().map(({ message, fields }) => [message, fields['label']])).to.deep.equal([
      ['a reference was never released; use release() or `using`', 'Tool'],
      ['a reference was never released; use release() or `using`', 'Tool']
    ])
  })

  it('is not mentioned when nobody had got to see it', async () => {
    const { remote, count, warnings } = await withRecords()
    remote.tool('unawaited').use().use()
    remote.inStructures()
    await remote.tool('awaited').use().count()
    await until(() => count() > 0)
    await collectUntil(() => count() === 0)
    expect(warnings()).to.deep.equal([])
  })

  it('stays as long as it is in use, as a part of something else as well', async () => {
    const { remote, count, warnings } = await withRecords()
    const all = await remote.inStructures()
    const calls = Array.from({ length: 50 }, () => all.tool.use().count())
    await Promise.all(calls)
    const mark = new WeakRef({})
    await collectUntil(() => mark.deref() === undefined)
    expect(await all.list[0]?.count()).to.equal(50)
    expect([count(), warnings()]).to.deep.equal([1, []])
  })
})

describe('The host of references', () => {
  it('ends when it has nothing to do, and so do their spaces', async () => {
    const host = new Host('idlesWithReferences')
    const spaces = await host.says<number[]>()
    const { code, said } = await host.ends()
    expect(code).to.equal(0)
    expect((said[0] as { after: number }).after).to.be.below(100)
    expect(said[1]).to.equal('Remote <Tool>')
    expect(await stillRunning(spaces, 250)).to.deep.equal([])
  })

  it('goes on while a chain is pending, and ends with the answer', async () => {
    const { code, said } = await new Host('chains').ends()
    expect([code, said[0]]).to.deep.equal([0, 'answered'])
    expect((said[1] as { after: number }).after).to.be.below(100)
  })
})

async function iterate(remote: unknown): Promise<void> {
  for await (const item of remote as AsyncIterable<unknown>) expect.fail(String(item))
}

/** A promise of what a chain settles to. */
async function wait(chain: PromiseLike<unknown>): Promise<unknown> {
  return await chain
}
