import { expect } from 'chai'
import { isSpacePoolError } from '../../../lib/errors.js'
import { createLogger } from '../../../lib/logger.js'
import type { RestartSettings } from '../../../lib/settings.js'
import { Builds } from '../../../lib/supervision/builds.js'
import { defaultBounds, type PoolContext } from '../../../lib/supervision/context.js'
import { Recovery, type Crash } from '../../../lib/supervision/recovery.js'
import type { Replica } from '../../../lib/supervision/replica.js'
import { SetNews } from '../../../lib/supervision/set-news.js'
import { Slots } from '../../../lib/supervision/slots.js'
import { FakeReplica } from '../../support/fake-replica.js'
import { FakeTime } from '../../support/fake-time.js'

const restart = { intensity: 2, period: 400, minBackoff: 0, maxBackoff: 0, minLife: 0, startsPerSecond: 1 }
const bounds = { ...defaultBounds, firstProbe: 500, lastProbe: 500, probeLife: 200 }
const crash = { cause: 'exit', lived: 1 } as const

/** A set of at least so many replicas, all of which run. */
function begin(min: number, running = min, backoff: Partial<RestartSettings> = {}) {
  const time = new FakeTime()
  const slots = new Slots(running)
  const told: unknown[] = []
  const capacity = { free: 1 }
  const announce = (name: string, event: { generation?: number }): void => {
    told.push([name, event.generation])
  }
  const context = {
    ...{ clock: time.clock, timetable: time, bounds, announce, logger: createLogger(undefined) },
    capacity
  } as unknown as PoolContext
  const news = new SetNews({ key: 'a set', packages: [] }, context)
  const builds = new Builds(slots, {
    make: () => FakeReplica.ready().asReplica,
    built: () => undefined,
    notBuilt: () => undefined
  })
  builds.startMissing()
  const state = { waiting: 0 }
  const recovery: Recovery = new Recovery(slots, builds, context, news, {
    ...{ key: 'a set', settings: { replicas: { min, max: 5 }, restart: { ...restart, ...backoff } } },
    waiting: () => state.waiting,
    dispatch: () => void told.push('dispatch'),
    notStarted: (slot, { message }) => void told.push([slot, message]),
    giveUp: (error) => void told.push(isSpacePoolError(error) && error.code)
  })
  const lose = (slot: number, end: Omit<Crash, 'slot'> = crash): void => {
    builds.takeOut(slots.list[slot] as Replica)
    recovery.crashed({ slot, ...end }, slots.filled.length)
  }
  return { time, slots, told, builds, state, capacity, recovery, lose }
}

describe('The recovery from crashes', () => {
  it('restarts what is missed, and tells the generation that follows', () => {
    const { slots, told, recovery, lose } = begin(2)
    lose(1)
    expect(slots.filled).to.have.length(2)
    expect(told).to.deep.equal([['spaceRestart', 2]])
    expect(recovery.restarts).to.equal(1)
  })

  it('restarts nothing that is above the minimum, while nothing waits: there is a slot less', () => {
    const { slots, told, state, recovery, lose } = begin(1, 3)
    lose(0)
    expect(slots).to.deep.include({ length: 2, empty: [] })
    expect(told).to.deep.equal([])
    state.waiting = 1
    lose(0)
    expect(slots.filled).to.have.length(2)
    expect(recovery.restarts).to.equal(1)
  })

  it('has a slot less than wait for room with what is above the minimum, also while calls wait', () => {
    const { slots, told, state, capacity, recovery, lose } = begin(2, 3)
    state.waiting = 1
    capacity.free = 0
    lose(0)
    expect(slots).to.deep.include({ length: 2, empty: [] })
    expect(told).to.deep.equal(['dispatch'])
    lose(0)
    expect(slots.filled).to.have.length(2)
    expect(recovery.restarts).to.equal(1)
  })

  it('owes nothing for what was to be a further one: whether there is to be one is considered anew, after the wait', () => {
    const { time, slots, told, state, recovery } = begin(1, 1, {
      minBackoff: 100,
      maxBackoff: 100,
      minLife: 10
    })
    state.waiting = 1
    recovery.crashed({ slot: -1, cause: 'exit', lived: undefined }, 1)
    expect(slots).to.deep.include({ length: 1, empty: [] })
    expect(recovery.restarts).to.equal(0)
    expect(told).to.deep.equal(['dispatch'])
    expect(recovery.mustWait()).to.equal(true)
    time.advance(100)
    expect(told).to.deep.equal(['dispatch', 'dispatch'])
    expect(recovery.mustWait()).to.equal(false)
  })

  it('brings nothing back by itself once it is forgone, and what calls need no sooner than it would have come', () => {
    const { time, slots, told, state, recovery, lose } = begin(1, 1, {
      minBackoff: 100,
      maxBackoff: 100,
      minLife: 10
    })
    lose(0)
    expect(told).to.deep.equal([['spaceRestart', 2]])
    recovery.forgo()
    expect(recovery.mustWait()).to.equal(true)
    state.waiting = 1
    time.advance(100)
    expect(slots.filled).to.deep.equal([])
    expect(told.slice(1)).to.deep.equal(['dispatch'])
    expect(recovery.mustWait()).to.equal(false)
  })

  it('brings what crashed together back at different moments, and what had lived well at once', () => {
    const patient = { intensity: 9, minLife: 10, minBackoff: 100, maxBackoff: 1e4 }
    const { time, slots, lose } = begin(3, 3, patient)
    lose(0)
    lose(1)
    expect(slots.empty).to.deep.equal([0, 1])
    lose(2, { ...crash, lived: 10 })
    expect(slots.empty).to.deep.equal([1, 2])
    time.advance(49)
    expect(slots.empty).to.have.length(2)
    time.advance(51)
    expect(slots.filled.length).to.be.within(2, 3)
    time.advance(100)
    expect(slots.empty).to.deep.equal([])
  })

  it('gives up when there were too many, and starts one as a probe later', () => {
    const { time, slots, told, builds, lose } = begin(2)
    for (let times = 0; times < 4; times++) lose(0)
    told.length = 0
    lose(0)
    expect(told).to.deep.equal([['setDown', undefined], 'ERR_SPACEPOOL_SET_DOWN'])
    const { generation } = builds
    time.advance(500)
    expect(slots).to.deep.include({ length: 2, empty: [1] })
    expect(builds.generation).to.equal(generation + 1)
  })

  it('starts the others when the probe has lived, before the set is told to be up', () => {
    const { time, slots, told, builds, recovery, lose } = begin(2)
    for (let times = 0; times < 5; times++) lose(0)
    time.advance(500)
    const { generation } = builds
    recovery.breaker.ready()
    told.length = 0
    time.advance(200)
    expect(slots.filled).to.have.length(2)
    expect(told).to.deep.equal([['setUp', generation]])
  })

  it('dispatches what waits when a backoff is over', () => {
    const { time, told, state, recovery } = begin(1, 1, { minLife: 10, minBackoff: 100, maxBackoff: 100 })
    expect(recovery.mustWait()).to.equal(false)
    // Nobody misses it.
    recovery.crashed({ slot: 0, ...crash }, 1)
    expect(recovery.mustWait()).to.equal(true)
    state.waiting = 1
    time.advance(100)
    expect(told).to.deep.equal(['dispatch'])
  })

  it('tries again and again what cannot be started, never in a hurry, and counts none of it as a crash', () => {
    const { time, slots, told, state, recovery } = begin(1)
    state.waiting = 1
    // A start that fails leaves its slot empty, at once.
    const failing = failingStarts(time, slots, recovery)
    const moments: number[] = []
    failing((moment) => moments.push(moment), 60_000)
    expect(moments.length).to.be.within(20, 50)
    moments.slice(1).forEach((moment, index) => {
      const whole = Math.min(defaultBounds.firstStartWait * 2 ** index, defaultBounds.lastStartWait)
      expect(moment - (moments[index] as number)).to.be.within(whole / 2 - 1e-6, whole + 1e-6)
    })
    expect(told.map((each) => (each as unknown[])[0])).to.not.include('setDown')
    expect(recovery).to.include({ restarts: 0 })
    expect(recovery.breaker.state).to.equal('up')
  })

  it('lets calls wait through a short trouble with starts, and after that for one attempt at most', () => {
    const { time, slots, told, state, recovery } = begin(1)
    state.waiting = 1
    const failing = failingStarts(time, slots, recovery)
    const rejected = (): unknown[] => told.filter((each) => Array.isArray(each) && each[0] === 0)
    let attempts = 0
    failing(() => attempts++, defaultBounds.startPatience - 1)
    expect(rejected()).to.deep.equal([])
    const before = attempts
    failing(() => attempts++, 10_000)
    expect(rejected()).to.have.length(attempts - before)
    expect(rejected()[0]).to.deep.equal([0, 'no descriptors'])
  })

  it('tries a probe that cannot be started again, as soon as other starts, and no longer wait follows', () => {
    const { time, slots, told, recovery, lose } = begin(1)
    for (let times = 0; times < 3; times++) lose(0)
    time.advance(500)
    expect(recovery.breaker.state).to.equal('probing')
    told.length = 0
    slots.reset(1)
    recovery.startFailed(0, new Error('no descriptors'))
    expect(recovery.breaker.state).to.equal('down')
    expect(recovery.breaker.retryAfter).to.be.within(50, 100)
    time.advance(100)
    expect(recovery.breaker.state).to.equal('probing')
    expect(slots.filled).to.have.length(1)
    recovery.started()
    time.advance(bounds.probeLife)
    expect(recovery.breaker.state).to.equal('up')
    expect(told.map((each) => (each as unknown[])[0])).to.deep.equal(['setUp'])
  })

  it('starts nothing more when the set is ended', () => {
    const { time, recovery, lose } = begin(1)
    for (let times = 0; times < 3; times++) lose(0)
    recovery.stop()
    expect(time.pending).to.equal(0)
  })
})

/** For so many ms every start in the first slot fails as soon as it is tried; tells when. */
function failingStarts(time: FakeTime, slots: Slots, recovery: Recovery) {
  return (tried: (moment: number) => void, duration: number): void => {
    const end = time.now + duration
    for (;;) {
      const [replica] = slots.list
      if (replica !== undefined) {
        tried(time.now)
        slots.takeOut(replica)
        slots.forget(replica)
        recovery.startFailed(0, new Error('no descriptors'))
      }
      if (time.now + time.nearest > end) break
      time.advance(time.nearest)
    }
    time.advance(end - time.now)
  }
}
