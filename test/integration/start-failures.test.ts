import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { SpaceExitEvent } from '../../lib/events.js'
import type { Bounds } from '../../lib/supervision/context.js'
import { destroyPools, newSupervisor, type SupervisorUnderTest } from '../support/pools.js'
import { errorOf } from '../support/rejections.js'
import { livingSpaces } from '../support/spaces.js'
import { until } from '../support/waiting.js'

const folder = mkdtempSync(join(tmpdir(), 'spacepool-starts-'))
const program = join(folder, 'node')

/** Spaces start while this link is there. */
const setProgram = (): void => symlinkSync(process.execPath, program)
const removeProgram = (): void => rmSync(program, { force: true })

const waits = { firstStartWait: 5, lastStartWait: 20 }

async function begin(bounds: Partial<Bounds>) {
  setProgram()
  // One crash, and the set would be down: what cannot be started is none.
  const options = { execPath: program, restart: { intensity: 1, minBackoff: 0, maxBackoff: 0 } }
  const pool = newSupervisor(options, { ...waits, ...bounds })
  const set = await pool.supervisor.add(['exits', 'plain-functions'], undefined)
  return { pool, set, call: () => pool.call(set, 'plain-functions', 'add', [1, 2]) }
}

function failedStarts({ events }: SupervisorUnderTest): SpaceExitEvent[] {
  return events
    .filter(({ name }) => name === 'spaceExit')
    .map(({ event }) => event as SpaceExitEvent)
    .filter(({ cause }) => cause === 'start')
}

describe('A set whose space cannot be started again', () => {
  afterEach(destroyPools)
  afterEach(removeProgram)
  after(() => rmSync(folder, { recursive: true }))

  it('answers the calls that waited, when that was a short trouble', async () => {
    const { pool, set, call } = await begin({ startPatience: 60_000 })
    removeProgram()
    await errorOf('ERR_SPACEPOOL_SPACE_CRASHED', pool.call(set, 'exits', 'exit1'))
    const answer = call()
    await until(() => failedStarts(pool).length >= 4)
    setProgram()
    expect(await answer).to.equal(3)
    expect(set.replicas).to.include({ state: 'up', restarts: 1 })
  })

  it('fails them with the reason when it goes on, and serves again as soon as it can', async () => {
    const { pool, set, call } = await begin({ startPatience: 50 })
    removeProgram()
    await errorOf('ERR_SPACEPOOL_SPACE_CRASHED', pool.call(set, 'exits', 'exit1'))
    for (let times = 0; times < 3; times++) {
      const error = await errorOf('ERR_SPACEPOOL_SPACE_START_FAILED', call())
      expect(error.reason).to.include(program)
      expect(error.cause).to.include({ code: 'ENOENT' })
    }
    setProgram()
    await until(() => set.replicas.ready.length === 1)
    expect(await call()).to.equal(3)
    expect(pool.events.map(({ name }) => name)).to.not.include('setDown')
    expect(set.replicas).to.include({ state: 'up', restarts: 1 })
  })

  it('does so after an eviction, too, and fails an addition that waits', async () => {
    const { pool, set, call } = await begin({ startPatience: 0 })
    removeProgram()
    await set.evict()
    const addition = set.add(
      [{ name: 'path', as: 'path', parameters: undefined, digest: '' }],
      Promise.resolve()
    )
    await errorOf('ERR_SPACEPOOL_SPACE_START_FAILED', addition)
    await errorOf('ERR_SPACEPOOL_SPACE_START_FAILED', call())
    setProgram()
    await until(() => set.replicas.ready.length === 1)
    expect(await call()).to.equal(3)
    expect(set.replicas.restarts).to.equal(0)
    expect(pool.events.map(({ name }) => name)).to.not.include('setDown')
  })

  it('tells the reason of each attempt', async () => {
    const { pool, set, call } = await begin({ startPatience: 0 })
    removeProgram()
    await set.evict()
    await errorOf('ERR_SPACEPOOL_SPACE_START_FAILED', call())
    const [event] = failedStarts(pool)
    expect(event).to.include({ reason: 'crash', cause: 'start', exitCode: null, pid: 0 })
    expect(event?.error).to.include({ name: 'StartFailure', code: 'ENOENT' })
  })

  it('can be closed meanwhile', async () => {
    const { pool, set, call } = await begin({ startPatience: 60_000 })
    removeProgram()
    await set.evict()
    const waiting = errorOf('ERR_SPACEPOOL_POOL_CLOSED', call())
    await until(() => failedStarts(pool).length >= 2)
    await pool.supervisor.close(0)
    await waiting
    expect(livingSpaces()).to.deep.equal([])
  })
})
