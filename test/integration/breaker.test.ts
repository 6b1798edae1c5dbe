import { expect } from 'chai'
import type { SpacePoolOptions } from '../../lib/options.js'
import type { Bounds } from '../../lib/supervision/context.js'
import type { SetDownEvent } from '../../lib/events.js'
import { isSpacePoolError } from '../../lib/errors.js'
import { removeWrittenFolders } from '../spaces/fixtures.js'
import { Gate } from '../support/gate.js'
import { destroyPools, newPool, newSupervisor, type SupervisorUnderTest } from '../support/pools.js'
import { errorOf, rejectionOf } from '../support/rejections.js'
import { livingSpaces } from '../support/spaces.js'
import { until } from '../support/waiting.js'

/** The limits are those of a pool, the waits are short. */
const restart = { minBackoff: 1, maxBackoff: 2 }
/** One crash and it is down; the limit has room for a probe at any time. */
const fragile = { ...restart, intensity: 0, period: 1 }

function breakable(bounds: Partial<Bounds>, options: SpacePoolOptions = {}): SupervisorUnderTest {
  return newSupervisor({ restart, ...options }, bounds)
}

function namesOf({ events }: SupervisorUnderTest): string[] {
  return events.map(({ name }) => name)
}

function count(pool: SupervisorUnderTest, wanted: string): number {
  return namesOf(pool).filter((name) => name === wanted).length
}

/** Calls that make their space crash, until the set is down. */
async function breakDown(pool: SupervisorUnderTest): Promise<Awaited<ReturnType<typeof add>>> {
  const set = await add(pool)
  while (set.replicas.state === 'up') await rejectionOf(pool.call(set, 'exits', 'exit1'))
  return set
}

function add({ supervisor }: SupervisorUnderTest): ReturnType<typeof supervisor.add> {
  return supervisor.add(['exits', 'plain-functions'], undefined)
}

describe('A set whose spaces crash again and again', () => {
  afterEach(destroyPools)
  after(removeWrittenFolders)

  it('is started 6 times, the first and 5 restarts, and then is down', async () => {
    const pool = breakable({})
    const set = await breakDown(pool)
    expect(set.replicas).to.include({ state: 'down', generation: 6, restarts: 5 })
    expect(count(pool, 'spaceReady')).to.equal(6)
    const down = pool.events.find(({ name }) => name === 'setDown')?.event as SetDownEvent
    const { retryAfter, ...facts } = down
    expect(facts).to.deep.equal({ key: set.key, packages: ['exits', 'plain-functions'], restarts: 5 })
    // 60 s after the first restart, so that a probe is within the limit.
    expect(retryAfter).to.be.within(30_000, 60_002)
    expect(livingSpaces()).to.deep.equal([])
  })

  it('fails its calls in the turn they are made in while it is down, without a start', async () => {
    const pool = breakable({})
    const set = await breakDown(pool)
    const events = pool.events.length
    for (let call = 0; call < 50; call++) {
      let isOver = false
      const failing = errorOf(
        'ERR_SPACEPOOL_SET_DOWN',
        pool.call(set, 'plain-functions', 'add', [1, 2])
      ).finally(() => (isOver = true))
      await new Promise(setImmediate)
      expect(isOver).to.equal(true)
      expect((await failing).retryAfter).to.be.within(1, 60_002)
    }
    expect(pool.events).to.have.length(events)
    expect(livingSpaces()).to.deep.equal([])
  })

  it('fails the calls that were waiting', async () => {
    const pool = breakable({}, { concurrency: 1, restart: { ...restart, intensity: 0 } })
    const set = await add(pool)
    const crash = errorOf('ERR_SPACEPOOL_SPACE_CRASHED', pool.call(set, 'exits', 'exit1'))
    const waiting = [1, 2, 3].map(() => rejectionOf(pool.call(set, 'plain-functions', 'add', [1, 2])))
    await crash
    for (const error of await Promise.all(waiting)) {
      expect(error).to.have.property('code', 'ERR_SPACEPOOL_SET_DOWN')
    }
  })

  it('is up again when its probe has lived for a while', async () => {
    const pool = breakable({ firstProbe: 50, probeLife: 100 }, { restart: fragile })
    const set = await breakDown(pool)
    await until(() => count(pool, 'setUp') === 1)
    expect(await pool.call(set, 'plain-functions', 'add', [1, 2])).to.equal(3)
    expect(namesOf(pool).slice(-3)).to.deep.equal(['setDown', 'spaceReady', 'setUp'])
    expect(set.replicas).to.include({ state: 'up', generation: 2, restarts: 0 })
  })

  it('remembers its probe when it is up again: the next one waits until the limit has room, as is told', async () => {
    const patient = { ...restart, intensity: 0, period: 600_000 }
    const pool = breakable({ firstProbe: 50, probeLife: 100 }, { restart: patient })
    const set = await breakDown(pool)
    await until(() => count(pool, 'setUp') === 1)
    await errorOf('ERR_SPACEPOOL_SPACE_CRASHED', pool.call(set, 'exits', 'exit1'))
    const { retryAfter } = await errorOf('ERR_SPACEPOOL_SET_DOWN', pool.call(set, 'exits', 'exit1'))
    expect(retryAfter).to.be.within(400_000, 600_000)
    const downs = pool.events.filter(({ name }) => name === 'setDown').map(({ event }) => event)
    expect(downs.map((event) => 'restarts' in event && event.restarts)).to.deep.equal([0, 1])
  })

  it('stays down for twice as long when its probe crashes, and no restart follows', async () => {
    const pool = breakable({ firstProbe: 50, probeLife: 60_000 }, { restart: fragile })
    const set = await breakDown(pool)
    await until(() => count(pool, 'spaceReady') === 2)
    await errorOf('ERR_SPACEPOOL_SPACE_CRASHED', pool.call(set, 'exits', 'exit1'))
    const downs = pool.events.filter(({ name }) => name === 'setDown').map(({ event }) => event)
    expect(downs.map((event) => 'retryAfter' in event && event.retryAfter)).to.deep.equal([50, 100])
    expect(count(pool, 'spaceRestart')).to.equal(0)
    expect(set.replicas.state).to.equal('down')
  })

  it('gives its probe one call at a time, and fails the others at once', async () => {
    const pool = breakable({ firstProbe: 50, probeLife: 60_000 }, { concurrency: 100, restart: fragile })
    const set = await breakDown(pool)
    await until(() => set.replicas.state === 'probing' && set.replicas.ready.length === 1)
    const calls = [1, 2, 3, 4].map(() => pool.call(set, 'plain-functions', 'sleep', [20, 'answer']))
    const [first, ...others] = calls.map((call) => rejectionOf(call).catch(() => undefined))
    for (const other of others) expect(await other).to.have.property('code', 'ERR_SPACEPOOL_SET_DOWN')
    expect(set.inFlight).to.equal(1)
    expect(await calls[0]).to.equal('answer')
    await first
    expect(await pool.call(set, 'plain-functions', 'add', [1, 2])).to.equal(3)
    expect(set.replicas.state).to.equal('probing')
  })

  it('has another probe when one is evicted before it is ready', async () => {
    const pool = breakable({ firstProbe: 50, probeLife: 50, firstStartWait: 10 }, { restart: fragile })
    const set = await breakDown(pool)
    while (set.replicas.state !== 'probing') await new Promise((resolve) => setImmediate(resolve))
    expect(set.replicas.ready).to.deep.equal([])
    await set.evict()
    await until(() => set.replicas.state === 'up')
    expect(await pool.call(set, 'plain-functions', 'add', [1, 2])).to.equal(3)
  })

  it('is probed again, later each time, when there was no room for its probe', async () => {
    const bounds = { firstProbe: 20, probeLife: 20, room: 50 }
    const pool = breakable(bounds, { maxSpaces: 1, restart: fragile })
    const set = await breakDown(pool)
    const gate = new Gate()
    const adding = pool.supervisor.add('plain-functions', undefined)
    const { set: holder } = pool.supervisor.route('plain-functions')
    const holding = pool.call(holder, 'plain-functions', 'whenThere', [gate.file])
    await adding
    await until(() => count(pool, 'setDown') === 3)
    const downs = pool.events.filter(({ name }) => name === 'setDown').map(({ event }) => event)
    expect(downs.map((event) => 'retryAfter' in event && event.retryAfter)).to.deep.equal([20, 40, 80])
    gate.open()
    await holding
    await until(() => set.replicas.state === 'up')
    expect(await pool.call(set, 'plain-functions', 'add', [1, 2])).to.equal(3)
  })

  it('starts one space as a probe, and the other replicas when it is up', async () => {
    const pool = breakable(
      { firstProbe: 50, probeLife: 500 },
      { replicas: 2, restart: { ...restart, intensity: 0 } }
    )
    const set = await breakDown(pool)
    await until(() => set.replicas.state === 'probing' && set.replicas.ready.length === 1)
    expect(livingSpaces()).to.have.length(1)
    await until(() => set.replicas.ready.length === 2)
    expect(set.replicas.state).to.equal('up')
  })

  it('may crash so often for each replica that is running', async () => {
    const pool = breakable({}, { replicas: 2, restart: { ...restart, intensity: 1 } })
    const set = await add(pool)
    for (const restarts of [1, 2]) {
      await errorOf('ERR_SPACEPOOL_SPACE_CRASHED', pool.call(set, 'exits', 'exit1'))
      await until(() => set.replicas.ready.length === 2)
      expect(set.replicas).to.include({ state: 'up', restarts })
    }
    await errorOf('ERR_SPACEPOOL_SPACE_CRASHED', pool.call(set, 'exits', 'exit1'))
    expect(set.replicas.state).to.equal('down')
  })

  it('still answers what is in flight in a replica that did not crash', async () => {
    const pool = breakable({}, { replicas: 2, restart: { ...restart, intensity: 0 } })
    const set = await add(pool)
    const answer = pool.call(set, 'plain-functions', 'sleep', [300, 'in time'])
    await errorOf('ERR_SPACEPOOL_SPACE_CRASHED', pool.call(set, 'exits', 'exit1'))
    expect(set.replicas.state).to.equal('down')
    await errorOf('ERR_SPACEPOOL_SET_DOWN', pool.call(set, 'plain-functions', 'add', [1, 2]))
    expect(await answer).to.equal('in time')
    await until(() => livingSpaces().length === 0)
  })

  it('does not take another set with it', async () => {
    const pool = breakable({})
    const other = await pool.supervisor.add('plain-function', undefined)
    await breakDown(pool)
    expect(await pool.call(other, 'plain-function', '', ['you'])).to.equal('hello you')
    expect(other.replicas).to.include({ state: 'up', generation: 1 })
  })

  it('can be removed by who hears that it is up again, and nothing is started for it', async () => {
    const options = { replicas: 2, restart: { ...restart, intensity: 0 } }
    const pool = breakable({ firstProbe: 20, probeLife: 20 }, options)
    const set = await breakDown(pool)
    const removal = new Promise<void>((resolve) => {
      pool.listener = (name) => {
        if (name === 'setUp') resolve(pool.supervisor.remove(set))
      }
    })
    await removal
    await pool.supervisor.close(1000)
    expect(namesOf(pool).slice(-3)).to.deep.equal(['setUp', 'spaceExit', 'close'])
    expect(livingSpaces()).to.deep.equal([])
  })

  it('can be removed and closed while it is down', async () => {
    const pool = breakable({ firstProbe: 20 })
    const set = await breakDown(pool)
    await pool.supervisor.remove(set)
    const again = await breakDown(pool)
    expect(again).to.not.equal(set)
    await pool.supervisor.close(1000)
    expect(livingSpaces()).to.deep.equal([])
  })
})

describe('Idempotent calls', () => {
  afterEach(destroyPools)
  after(removeWrittenFolders)

  const budgets: [before: number, idempotent: number, again: number][] = [
    [260, 39, 30],
    [0, 38, 3],
    [9, 9, 1],
    [10, 9, 2],
    [0, 5, 1]
  ]
  for (const [before, idempotent, again] of budgets) {
    it(`are run again at most once in ten calls, but one always: ${again} of ${before + idempotent + 1}`, async () => {
      const pool = newPool({
        restart: { intensity: Infinity, minBackoff: 0, maxBackoff: 0 },
        concurrency: 40
      })
      const set = await pool.add(['exits', 'plain-functions'])
      for (let call = 0; call < before; call++) await set.call('plain-functions', 'add', [1, 2])
      const gate = new Gate()
      const answers = Array.from({ length: idempotent }, () =>
        set
          .call('plain-functions', 'whenThere', [gate.file, 'again'], { idempotent: true })
          .catch((error: unknown) => error)
      )
      await errorOf('ERR_SPACEPOOL_SPACE_CRASHED', set.call('exits', 'exit1'))
      gate.open()
      const settled = await Promise.all(answers)
      expect(settled.filter((answer) => answer === 'again')).to.have.length(again)
      const crashed = settled.filter((answer) => isSpacePoolError(answer, 'ERR_SPACEPOOL_SPACE_CRASHED'))
      expect(crashed).to.have.length(idempotent - again)
    })
  }

  it('are run again once, and no more, also where more could be', async () => {
    const pool = newPool({ restart: { intensity: Infinity, minBackoff: 0, maxBackoff: 0 } })
    const set = await pool.add('exits')
    for (let call = 0; call < 50; call++) await set.call('exits', 'pid')
    await errorOf('ERR_SPACEPOOL_SPACE_CRASHED', set.call('exits', 'exit1', [], { idempotent: true }))
    await set.call('exits', 'pid')
    expect(set.stats()).to.include({ generation: 3, restarts: 2 })
  })

  it('are not run again when their set is down', async () => {
    const pool = newPool({ restart: { intensity: 0 } })
    const set = await pool.add('exits')
    const call = set.call('exits', 'exit1', [], { idempotent: true })
    await errorOf('ERR_SPACEPOOL_SET_DOWN', call)
  })
})
