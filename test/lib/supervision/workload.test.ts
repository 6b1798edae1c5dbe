import { expect } from 'chai'
import type { Space } from '../../../lib/space/space.js'
import { defaultBounds } from '../../../lib/supervision/context.js'
import { KeepAlive } from '../../../lib/supervision/keep-alive.js'
import type { PendingCall } from '../../../lib/supervision/pending-call.js'
import type { ReplicaNews } from '../../../lib/supervision/replica-news.js'
import { Timetable } from '../../../lib/supervision/timetable.js'
import { Workload } from '../../../lib/supervision/workload.js'
import { FakeTime } from '../../support/fake-time.js'

const TOO_LONG = 1000
const BEAT = 100
const never = { maxCalls: Infinity, maxAge: Infinity, maxMemory: Infinity, hardMemory: Infinity }

describe('The workload of a replica', () => {
  const keepAlive = new KeepAlive()
  after(() => keepAlive.close())

  function begin(limits: Partial<typeof never> = {}) {
    const time = new FakeTime()
    const told: string[] = []
    const space = {
      ...{ pid: process.pid, kill: (cause: string) => void told.push(`killed: ${cause}`) },
      ...{ memory: 5, heard: 0, request: () => 7, ping: () => void told.push('asked for a sign of life') },
      unblocking: { lookInto: () => Promise.resolve(undefined) }
    }
    const news = { unresponsive: () => undefined, responsive: () => undefined }
    const replica = {
      ...{ space: space as unknown as Space, news: news as unknown as ReplicaNews },
      ...{ isReady: true, isLoading: false, holds: 0, lossError: () => new Error('lost') }
    }
    const settings = {
      inactivityTimeout: TOO_LONG,
      heartbeat: { interval: BEAT, missed: 3 },
      recycle: { ...never, ...limits }
    }
    const context = {
      ...{ clock: time.clock, timetable: new Timetable(time.clock, time.timerSystem), keepAlive },
      bounds: { ...defaultBounds, shortestLife: 0 }
    }
    const work = new Workload(replica, settings, context, {
      idle: () => void told.push('idle'),
      inactive: () => void told.push('inactive'),
      due: (reason) => void told.push(`due: ${reason}`)
    })
    return { time, told, replica, work }
  }

  /** In steps, since a timetable reads the clock once until microtasks run. */
  async function pass(time: FakeTime, milliseconds: number): Promise<void> {
    for (let passed = 0; passed < milliseconds; passed += BEAT) {
      await Promise.resolve()
      time.advance(BEAT)
    }
  }

  function newCall(): PendingCall {
    return { attempts: 0, state: 'queued' } as PendingCall
  }

  it('is inactive when nothing went on for too long since it began or the last call was through', async () => {
    for (const withCall of [false, true]) {
      const { time, told, work } = begin()
      await pass(time, 5 * TOO_LONG)
      work.begin()
      if (withCall) {
        await pass(time, 500)
        work.calls.write(newCall())
        expect([work.inFlight, work.isActive]).to.deep.equal([1, true])
        work.calls.finished()
      }
      told.length = 0
      expect(work.activity.idleFor).to.equal(0)
      await pass(time, TOO_LONG - BEAT)
      expect(told).to.deep.equal([])
      await pass(time, BEAT)
      expect(told).to.deep.equal(['inactive'])
    }
  })

  it('tells when the last call is through', () => {
    const { told, work } = begin()
    work.calls.write(newCall())
    work.calls.write(newCall())
    work.calls.finished()
    expect(told).to.deep.equal([])
    work.calls.finished()
    expect(told).to.deep.equal(['idle'])
  })

  it('has its space watched while there is a call, or something is asked of a stream', async () => {
    for (const [start, end] of [
      [(work: Workload) => work.calls.write(newCall()), (work: Workload) => work.calls.finished()],
      [(work: Workload) => work.activity.streamAsked(1), (work: Workload) => work.activity.streamAsked(-1)]
    ] as const) {
      const { time, told, work } = begin()
      await pass(time, 5 * BEAT)
      expect(told).to.deep.equal([])
      start(work)
      await pass(time, BEAT)
      expect(told).to.deep.equal(['asked for a sign of life'])
      end(work)
      told.length = 0
      await pass(time, 5 * BEAT)
      expect(told).to.deep.equal([])
    }
  })

  if (process.platform === 'linux') {
    it('has its memory looked at while packages load, and when that is over no more', async () => {
      for (const isOver of [false, true]) {
        const { time, told, replica, work } = begin({ hardMemory: 1 })
        replica.isLoading = true
        work.loading()
        replica.isLoading = !isOver
        await pass(time, 300)
        told.length = 0
        await pass(time, 300)
        expect(told).to.deep.equal(isOver ? [] : ['killed: out-of-memory'])
      }
    })
  }

  it('says that the replica is due after its calls, or at its age, from when it began', async () => {
    const calls = begin({ maxCalls: 1 })
    calls.work.begin()
    calls.work.calls.write(newCall())
    calls.work.calls.finished()
    expect(calls.told).to.deep.equal(['due: recycle', 'idle'])
    const age = begin({ maxAge: 500 })
    await pass(age.time, 500)
    age.work.begin()
    expect(age.work.life).to.deep.equal({ calls: 0, age: 0, memory: 5 })
    expect(age.told).to.deep.equal([])
    await pass(age.time, 500)
    expect(age.told).to.include('due: recycle')
  })

  it('tells nothing of what the replica has been through when that is not ready', () => {
    const { replica, work } = begin()
    replica.isReady = false
    expect(work.life).to.equal(undefined)
  })

  it('has an end: nothing is said after it', async () => {
    for (const stage of ['ending', 'ended'] as const) {
      const { time, told, work } = begin({ maxAge: 500 })
      work.begin()
      work[stage]()
      await pass(time, 5 * TOO_LONG)
      expect(told).to.deep.equal([])
      expect(time.pending).to.equal(0)
    }
  })

  it('must still be heard of while it ends, as long as there is a call', async () => {
    const { time, told, work } = begin()
    work.begin()
    work.calls.write(newCall())
    work.ending()
    await pass(time, BEAT)
    expect(told).to.deep.equal(['asked for a sign of life'])
    work.ended()
    told.length = 0
    await pass(time, 5 * BEAT)
    expect(told).to.deep.equal([])
  })
})
