import { expect } from 'chai'
import { Activity } from '../../../lib/supervision/activity.js'
import { KeepAlive } from '../../../lib/supervision/keep-alive.js'
import { Timetable } from '../../../lib/supervision/timetable.js'
import { FakeTime } from '../../support/fake-time.js'

const TOO_LONG = 1000

describe('Activity', () => {
  const keepAlive = new KeepAlive()
  after(() => keepAlive.close())

  function begin(timeout = TOO_LONG) {
    const time = new FakeTime()
    const told: string[] = []
    const replica = {
      inFlight: 0,
      isLoading: false,
      busy: () => void told.push('busy'),
      inactive: () => void told.push('inactive')
    }
    const timetable = new Timetable(time.clock, time.timerSystem)
    const activity = new Activity(timeout, time.clock, timetable, keepAlive, replica)
    return { time, told, replica, activity }
  }

  /** In steps, since a timetable reads the clock once until microtasks run. */
  async function pass(time: FakeTime, milliseconds: number): Promise<void> {
    for (let passed = 0; passed < milliseconds; passed += 100) {
      await Promise.resolve()
      time.advance(100)
    }
  }

  it('counts from what was done last', async () => {
    const { time, told, activity } = begin()
    activity.watch()
    await pass(time, 600)
    activity.touch()
    expect(activity.idleFor).to.equal(0)
    await pass(time, 600)
    expect(activity.idleFor).to.equal(600)
    expect(told).to.deep.equal([])
    await pass(time, 400)
    expect(told).to.deep.equal(['inactive'])
  })

  it('goes on while calls are in flight', async () => {
    const { time, told, replica, activity } = begin()
    activity.watch()
    replica.inFlight = 1
    await pass(time, 5 * TOO_LONG)
    expect([activity.goesOn, activity.idleFor, told]).to.deep.equal([true, 0, []])
  })

  it('is no less than while packages are loaded', async () => {
    const { time, told, replica, activity } = begin()
    activity.watch()
    replica.isLoading = true
    await pass(time, 5 * TOO_LONG)
    expect([activity.idleFor, told]).to.deep.equal([0, []])
  })

  it('goes on, and keeps the process alive, while something is waited for from a stream', async () => {
    const { time, told, activity } = begin()
    activity.watch()
    activity.streamAsked(1)
    activity.streamAsked(1)
    expect(keepAlive.pending).to.equal(2)
    await pass(time, 5 * TOO_LONG)
    activity.streamAsked(-1)
    expect([activity.goesOn, told]).to.deep.equal([true, ['busy']])
    activity.streamAsked(-1)
    expect([activity.goesOn, keepAlive.pending]).to.deep.equal([false, 0])
    await pass(time, TOO_LONG)
    expect(told).to.deep.equal(['busy', 'inactive'])
  })

  it('does not say that a replica is busy again that has calls in flight', () => {
    const { told, replica, activity } = begin()
    replica.inFlight = 1
    activity.streamAsked(1)
    activity.streamAsked(-1)
    expect(told).to.deep.equal([])
  })

  it('says nothing once it was stopped, and nothing without a limit', async () => {
    for (const timeout of [TOO_LONG, Infinity]) {
      const { time, told, activity } = begin(timeout)
      activity.watch()
      if (timeout !== Infinity) activity.stop()
      await pass(time, 5 * TOO_LONG)
      expect(told).to.deep.equal([])
    }
  })
})
