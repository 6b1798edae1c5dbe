import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { SpaceExitEvent, SpaceReadyEvent } from '../../lib/events.js'
import type { RecycleOptions } from '../../lib/option-types.js'
import type { Bounds } from '../../lib/supervision/context.js'
import { removeWrittenFolders, writtenFolder } from '../spaces/fixtures.js'
import { Gate } from '../support/gate.js'
import { destroyPools, newSupervisor, type SupervisorUnderTest } from '../support/pools.js'
import { recordingLogger } from '../support/records.js'
import { livingSpaces, mostSpacesDuring } from '../support/spaces.js'
import { until } from '../support/waiting.js'

/** A pool whose spaces may be replaced as soon as they are ready. */
function recycling(recycle: RecycleOptions, bounds: Partial<Bounds> = {}): SupervisorUnderTest {
  return newSupervisor({ recycle, maxSpaces: 1 }, { shortestLife: 0, ...bounds })
}

function exits({ events }: SupervisorUnderTest): SpaceExitEvent[] {
  return events.flatMap(({ name, event }) => (name === 'spaceExit' ? [event as SpaceExitEvent] : []))
}

function readies({ events }: SupervisorUnderTest): SpaceReadyEvent[] {
  return events.flatMap(({ name, event }) => (name === 'spaceReady' ? [event as SpaceReadyEvent] : []))
}

describe('Recycling', () => {
  afterEach(destroyPools)
  after(removeWrittenFolders)

  it('replaces a space after its calls, without a failed call, the new one first', async () => {
    const pool = recycling({ maxCalls: 50 })
    const set = await pool.supervisor.add('plain-functions', undefined)
    const answers = new Set<unknown>()
    const caller = async (): Promise<void> => {
      while (exits(pool).length < 3) {
        answers.add(await pool.call(set, 'plain-functions', 'add', [1, 2]))
        await new Promise((resolve) => setTimeout(resolve, 2))
      }
    }
    const most = await mostSpacesDuring(Promise.all([caller(), caller(), caller(), caller()]))
    expect([...answers]).to.deep.equal([3])
    expect(set.calls.errors).to.equal(0)
    for (const exit of exits(pool)) expect(exit).to.include({ reason: 'recycle', cause: null })
    // That there were two is in the order of the events.
    expect(most, 'one beside the other').to.be.at.most(2)
    const order = pool.events.map(({ name }) => name)
    expect(order.slice(0, 3)).to.deep.equal(['spaceReady', 'spaceReady', 'spaceExit'])
    expect(readies(pool).map(({ generation }) => generation)).to.deep.equal(
      readies(pool).map((ready, index) => index + 1)
    )
    expect(set.replicas).to.include({ restarts: 0, evictions: 0 })
  })

  it('lets the calls in flight be answered by the old space', async () => {
    const pool = recycling({ maxCalls: 2 })
    const set = await pool.supervisor.add('plain-functions', undefined)
    const gate = new Gate()
    const slow = pool.call(set, 'plain-functions', 'whenThere', [gate.file, 'from the old one'])
    await pool.call(set, 'plain-functions', 'add', [1, 2])
    await until(() => readies(pool).length === 2)
    expect(exits(pool)).to.deep.equal([])
    gate.open()
    expect(await slow).to.equal('from the old one')
    await until(() => exits(pool).length === 1)
    expect(exits(pool)[0]).to.include({ reason: 'recycle', cause: null, generation: 1 })
  })

  it('ends the old space after the bound of a drain, with what is in flight in it', async () => {
    const pool = recycling({ maxCalls: 2 }, { drain: 50 })
    const set = await pool.supervisor.add('plain-functions', undefined)
    const stuck = pool.call(set, 'plain-functions', 'neverSettles').catch((error: unknown) => error)
    await pool.call(set, 'plain-functions', 'add', [1, 2])
    expect(await stuck).to.include({ code: 'ERR_SPACEPOOL_SPACE_STOPPED', reason: 'recycle' })
  })

  it('replaces a space for its age, though it is idle', async () => {
    const pool = recycling({ maxAge: 150 })
    await pool.supervisor.add('plain-functions', undefined)
    await until(() => exits(pool).length >= 2)
    expect(exits(pool)[0]).to.include({ reason: 'recycle', cause: null })
    expect(exits(pool)[0]?.uptime).to.be.at.least(120)
  })

  it('replaces it for its calls though its age is awaited', async () => {
    const pool = recycling({ maxAge: 3_600_000, maxCalls: 1 })
    const set = await pool.supervisor.add('plain-functions', undefined)
    await pool.call(set, 'plain-functions', 'add', [1, 2])
    await until(() => exits(pool).length === 1)
    expect(exits(pool)[0]).to.include({ reason: 'recycle' })
  })

  it('replaces a space for the memory it has, as it reports it', async () => {
    const pool = recycling({ maxMemory: 150 * 1024 * 1024 })
    const set = await pool.supervisor.add('memory', undefined)
    await pool.call(set, 'memory', 'grow', [200 * 1024 * 1024])
    while (exits(pool).length === 0) {
      await pool.call(set, 'memory', 'resident')
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    expect(exits(pool)[0]).to.include({ reason: 'memory', cause: null })
    expect(await pool.call(set, 'memory', 'resident')).to.be.below(150 * 1024 * 1024)
    expect(set.calls.errors).to.equal(0)
  })

  it('lets a space live for a while before its limits count', async () => {
    const pool = recycling({ maxCalls: 1 }, { shortestLife: 300 })
    const set = await pool.supervisor.add('plain-functions', undefined)
    await pool.call(set, 'plain-functions', 'add', [1, 2])
    await until(() => exits(pool).length === 1)
    expect(exits(pool)[0]?.uptime).to.be.at.least(300)
  })

  it('keeps a space that cannot be replaced, and tries again later', async () => {
    const folder = writtenFolder({ 'node_modules/changing/index.js': 'exports.version = () => 1' })
    const source = join(folder, 'node_modules/changing/index.js')
    const { logger, records } = recordingLogger()
    const options = { recycle: { maxAge: 200 }, paths: [join(folder, 'node_modules')] }
    const pool = newSupervisor(options, { shortestLife: 100 }, logger)
    const set = await pool.supervisor.add('changing', undefined)
    writeFileSync(source, 'throw new Error("not now")')
    const failures = (): number =>
      records.filter(({ message }) => message === 'a space could not be replaced, it stays').length
    await until(() => failures() >= 2)
    expect(await pool.call(set, 'changing', 'version')).to.equal(1)
    // At one go: a space may be loading it.
    writeFileSync(`${source}.new`, 'exports.version = () => 2')
    renameSync(`${source}.new`, source)
    while ((await pool.call(set, 'changing', 'version')) === 1) {
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    expect(set.calls.errors).to.equal(0)
  })

  it('leaves no space behind when the pool is closed meanwhile', async () => {
    const pool = recycling({ maxCalls: 1 })
    const set = await pool.supervisor.add('plain-functions', undefined)
    await pool.call(set, 'plain-functions', 'add', [1, 2])
    await pool.supervisor.close(1000)
    expect(livingSpaces()).to.deep.equal([])
  })
})
