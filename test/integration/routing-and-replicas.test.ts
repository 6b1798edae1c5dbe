import { expect } from 'chai'
import type { PackageSet } from '../../lib/package-set.js'
import { removeWrittenFolders } from '../spaces/fixtures.js'
import { Gate } from '../support/gate.js'
import { destroyPools, newPool, newSupervisor } from '../support/pools.js'
import { errorOf } from '../support/rejections.js'
import { livingSpaces } from '../support/spaces.js'
import { until } from '../support/waiting.js'

const names = ['exits', 'plain-functions']

describe('The replicas of a set', () => {
  afterEach(destroyPools)
  after(removeWrittenFolders)

  it('are all there when it is added', async () => {
    const pool = newPool({ replicas: 3 })
    const set = await pool.add(names)
    expect(pool.stats().spaces.map(({ key, state }) => ({ key, state }))).to.deep.equal(
      [1, 2, 3].map(() => ({ key: set.key, state: 'ready' }))
    )
  })

  it('each get the call for which they have the fewest in flight', async () => {
    const pool = newPool({ replicas: 3 })
    const set = await pool.add(names)
    const sleeping = [1, 2, 3, 4].map(() => set.call('plain-functions', 'sleep', [100]))
    expect(inFlight(pool.stats())).to.deep.equal([1, 1, 2])
    const pids = await Promise.all([1, 2].map(() => set.call('exits', 'pid')))
    expect(new Set(pids)).to.have.property('size', 2)
    await Promise.all(sleeping)
    expect(pool.stats().spaces.map(({ calls }) => calls)).to.deep.equal([2, 2, 2])
  })

  it('take no more calls at once than their concurrency; the others wait in order', async () => {
    const pool = newPool({ concurrency: 2 })
    const set = await pool.add('plain-functions')
    const order: number[] = []
    const calls = [...Array(6).keys()].map(async (index) => {
      await set.call('plain-functions', 'sleep', [10, index])
      order.push(index)
    })
    expect(set.stats()).to.include({ inFlight: 2, queued: 4 })
    await Promise.all(calls)
    expect(order).to.deep.equal([0, 1, 2, 3, 4, 5])
  })

  it('pin a value of "affinity" to one of them, also after it crashed, and others to others', async () => {
    const pool = newPool({ replicas: 2, restart: { minBackoff: 0, maxBackoff: 0, intensity: Infinity } })
    const set = await pool.add(names)
    const pidOf = (affinity: string | number): Promise<number> => set.call('exits', 'pid', [], { affinity })
    const values = ['a', 'b', 'c', 'd', 1, 2, 3]
    const first = await Promise.all(values.map(pidOf))
    expect(await Promise.all(values.map(pidOf))).to.deep.equal(first)
    expect(new Set(first)).to.have.property('size', 2)
    await errorOf('ERR_SPACEPOOL_SPACE_CRASHED', set.call('exits', 'exit0', [], { affinity: 'a' }))
    const second = await Promise.all(values.map(pidOf))
    const crashed = first[0]
    const reborn = second[0]
    expect(reborn).not.to.equal(crashed)
    expect(second).to.deep.equal(first.map((pid) => (pid === crashed ? reborn : pid)))
  })

  it('let calls that are bound to another one pass by those that wait for a full one', async () => {
    const pool = newPool({ replicas: 2, concurrency: 1 })
    const set = await pool.add(names)
    const [left, right] = await twoAffinities(set)
    const gate = new Gate()
    const busy = set.call('plain-functions', 'whenThere', [gate.file], { affinity: left })
    const order: string[] = []
    const waiting = set.call('exits', 'pid', [], { affinity: left }).then(() => order.push('left'))
    const passing = set.call('exits', 'pid', [], { affinity: right }).then(() => order.push('right'))
    const free = set.call('exits', 'pid').then(() => order.push('free'))
    await Promise.all([passing, free])
    gate.open()
    await Promise.all([busy, waiting])
    expect(order).to.deep.equal(['right', 'free', 'left'])
  })

  it('serve thousands of calls that are bound to one of them as fast as others', async () => {
    const pool = newPool({ replicas: 2 })
    const set = await pool.add('plain-functions')
    const echo = (value: number, options = {}): Promise<unknown> =>
      set.call('plain-functions', 'echo', [value], options)
    const unbound = await workOf(() => numbers(4000).map((value) => echo(value)))
    const work = await workOf(() => [
      ...numbers(3000).map((value) => echo(value, { affinity: 1 })),
      ...numbers(1000).map((value) => echo(value))
    ])
    // It was two hundred times as much when each answer looked at all that wait.
    expect(work / unbound).to.be.below(20)
    expect(pool.stats().spaces.map(({ calls }) => calls > 0)).to.deep.equal([true, true])
  })

  it('are bound to by nothing before they are there: there may never be room for one more', async () => {
    const pool = newPool({ maxSpaces: 2 })
    const other = await pool.add('plain-functions')
    const busy = other.call('plain-functions', 'sleep', [60_000]).catch(() => {})
    const set = await pool.add('exits', { replicas: { min: 1, max: 2 }, concurrency: 1 })
    const values = [...Array(20).keys()]
    const pids = await Promise.all(values.map((affinity) => set.call('exits', 'pid', [], { affinity })))
    expect(new Set(pids)).to.have.property('size', 1)
    await pool.destroy()
    await busy
  })

  it('become more when all are full, up to the most, and less when they are idle, down to the least', async () => {
    const { supervisor, call, events } = newSupervisor({}, { surplus: 60 })
    const options = { replicas: { min: 1, max: 3 }, concurrency: 2 }
    const set = await supervisor.add(names, options)
    expect(set.replicas.ready).to.have.length(1)
    const gate = new Gate()
    const calls = numbers(30).map(() => call(set, 'plain-functions', 'whenThere', [gate.file]))
    await until(() => set.replicas.ready.length === 3)
    expect(set.queued).to.equal(24)
    gate.open()
    await Promise.all(calls)
    await until(() => set.replicas.all.length === 1)
    expect(await call(set, 'plain-functions', 'add', [1, 2])).to.equal(3)
    await until(() => livingSpaces().length === 1)
    const exits = events.filter(({ name }) => name === 'spaceExit').map(({ event }) => event)
    expect(exits).to.have.length(2)
    for (const exit of exits) expect(exit).to.include({ reason: 'evict', cause: null })
    expect(set.replicas.restarts).to.equal(0)
  })

  it('are not more than the pool has room for: their calls wait for those that are there', async () => {
    const pool = newPool({ maxSpaces: 2 })
    const set = await pool.add('plain-functions', { replicas: { min: 1, max: 2 }, concurrency: 1 })
    const other = await pool.add('callbacks')
    await other.call('callbacks', 'keep', [() => undefined])
    const calls = [1, 2, 3, 4].map((value) => set.call('plain-functions', 'sleep', [10, value]))
    expect(await Promise.all(calls)).to.deep.equal([1, 2, 3, 4])
    expect(livingSpaces()).to.have.length(2)
  })

  it('are replaced one by one when one crashes; the other one serves meanwhile', async () => {
    const pool = newPool({ replicas: 2, restart: { minBackoff: 60_000, maxBackoff: 60_000 } })
    const set = await pool.add(names)
    const [left, right] = await twoAffinities(set)
    await errorOf('ERR_SPACEPOOL_SPACE_CRASHED', set.call('exits', 'abort', [], { affinity: left }))
    const pid = await set.call('exits', 'pid', [], { affinity: right })
    expect(await Promise.all([1, 2, 3].map(() => set.call('exits', 'pid')))).to.deep.equal([pid, pid, pid])
    expect(set.stats()).to.include({ restarts: 1, errors: 1 })
  })
})

describe('Replicas that crash together', () => {
  afterEach(destroyPools)
  after(removeWrittenFolders)

  it('come back each at its own moment, as their waits were decided', async () => {
    const restart = { minBackoff: 400, maxBackoff: 40_000 }
    const { supervisor, events } = newSupervisor({ restart, replicas: 4 }, {})
    const set = await supervisor.add(names, undefined)
    const begun = performance.now()
    const moments: number[] = []
    const backoffs = (): number[] =>
      events.flatMap(({ event }) => ('backoff' in event ? [event.backoff] : [])).sort((a, b) => a - b)
    for (const { space } of set.replicas.ready) process.kill(space?.pid ?? 0, 'SIGKILL')
    await until(() => backoffs().length === 4)
    await until(() => {
      const { length } = set.replicas.all
      while (moments.length < length) moments.push(performance.now() - begun)
      return length === 4
    })
    const [first = 0, second = 0, third = 0, last = 0] = backoffs()
    expect(first).to.be.within(200, 400)
    expect(last).to.be.within(1600, 3200)
    ;[first, second, third, last].forEach((backoff, index) => {
      expect(moments[index]).to.be.at.least(backoff)
    })
    await until(() => set.replicas.ready.length === 4)
    expect(set.replicas.restarts).to.equal(4)
  })

  it('wait though another one, that had lived well, is replaced at once', async () => {
    // To start takes a busy machine seconds, in which the young one must not get old.
    const minLife = 5000
    const restart = { minBackoff: 60_000, maxBackoff: 60_000, minLife }
    const { supervisor, call } = newSupervisor({ restart, replicas: 2 }, {})
    const set = await supervisor.add(names, undefined)
    const added = performance.now()
    const [old, young] = set.replicas.ready
    process.kill(young?.space?.pid ?? 0, 'SIGKILL')
    await until(() => set.replicas.all.length === 1)
    await until(() => performance.now() - added > minLife)
    process.kill(old?.space?.pid ?? 0, 'SIGKILL')
    await until(() => set.replicas.ready.length === 1 && set.replicas.ready[0] !== old)
    expect(await call(set, 'plain-functions', 'add', [1, 2])).to.equal(3)
    expect(set.replicas.all).to.have.length(1)
    expect(livingSpaces()).to.have.length(1)
  })

  it('are not replaced beyond the least that must be there, before a call needs them', async () => {
    const { supervisor, call, events } = newSupervisor({}, {})
    const set = await supervisor.add(names, { replicas: { min: 1, max: 2 }, concurrency: 1 })
    const calledUntilTwo = async (): Promise<unknown[]> => {
      const gate = new Gate()
      const calls = [1, 2, 3].map((n) => call(set, 'plain-functions', 'whenThere', [gate.file, n]))
      await until(() => set.replicas.ready.length === 2)
      gate.open()
      return Promise.all(calls)
    }
    expect(await calledUntilTwo()).to.deep.equal([1, 2, 3])
    process.kill(set.replicas.ready[0]?.space?.pid ?? 0, 'SIGKILL')
    await until(() => set.replicas.ready.length === 1)
    expect(set.replicas).to.include({ slotCount: 1, restarts: 0 })
    expect(events.some(({ name }) => name === 'spaceRestart')).to.equal(false)
    expect(await calledUntilTwo()).to.deep.equal([1, 2, 3])
  })
})

function numbers(count: number): number[] {
  return [...Array(count).keys()]
}

/** Microseconds of work of this process until all are answered. */
async function workOf(calls: () => Promise<unknown>[]): Promise<number> {
  const before = process.cpuUsage()
  await Promise.all(calls())
  const { user, system } = process.cpuUsage(before)
  return user + system
}

function inFlight(stats: { spaces: readonly { inFlight: number }[] }): number[] {
  return stats.spaces.map((space) => space.inFlight).sort((one, other) => one - other)
}

/** Two values that are bound to different replicas. */
async function twoAffinities(set: PackageSet): Promise<[number, number]> {
  const first = await set.call('exits', 'pid', [], { affinity: 0 })
  for (let affinity = 1; affinity < 100; affinity++) {
    if ((await set.call('exits', 'pid', [], { affinity })) !== first) return [0, affinity]
  }
  throw new Error('all values are bound to one replica')
}
