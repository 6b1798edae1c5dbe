import { expect } from 'chai'
import type { Space } from '../../../lib/space/space.js'
import type { CancellationWatcher } from '../../../lib/space/cancellation.js'
import { CallsInFlight } from '../../../lib/supervision/calls-in-flight.js'
import type { PendingCall } from '../../../lib/supervision/pending-call.js'

const MOST_CALLS = 3

function begin() {
  const told: string[] = []
  const watchers = new Map<number, CancellationWatcher>()
  const space = {
    end: undefined as { cause: string | undefined } | undefined,
    request: () => 7,
    cancel: (id: number, watcher: CancellationWatcher) => void watchers.set(id, watcher)
  }
  const replica = {
    space: space as unknown as Space,
    holds: 0,
    isLoading: false,
    busy: () => void told.push('busy'),
    considerRecycling: () => void told.push('considered'),
    idle: () => void told.push('idle'),
    lossError: () => new Error('lost')
  }
  return { told, watchers, space, replica, calls: new CallsInFlight(replica, MOST_CALLS) }
}

function newCall(): PendingCall {
  return { attempts: 0, state: 'queued' } as PendingCall
}

describe('Calls in flight', () => {
  it('tell when the first begins and the last is through', () => {
    const { told, calls } = begin()
    calls.write(newCall())
    calls.write(newCall())
    expect([calls.count, told]).to.deep.equal([2, ['busy']])
    calls.finished()
    expect(told).to.deep.equal(['busy'])
    calls.finished()
    expect([calls.count, calls.total, told]).to.deep.equal([0, 2, ['busy', 'idle']])
  })

  it('know the call by what the space names it', () => {
    const { calls } = begin()
    const call = newCall()
    calls.write(call)
    expect(call).to.include({ id: 7, state: 'written', attempts: 1, carrier: calls })
  })

  it('do not count what could not cross', () => {
    const { told, space, calls } = begin()
    space.request = () => {
      throw new Error('no crossing')
    }
    expect(() => calls.write(newCall())).to.throw('no crossing')
    expect([calls.count, calls.total, told]).to.deep.equal([0, 0, []])
  })

  it('have the replica considered for recycling at each end once there were enough', () => {
    const { told, calls } = begin()
    for (let count = 0; count < MOST_CALLS; count++) calls.write(newCall())
    for (let count = 0; count < MOST_CALLS; count++) calls.finished()
    expect(told).to.deep.equal(['busy', 'considered', 'considered', 'considered', 'idle'])
  })

  it('stay in flight when they are forgotten, until the space is through with them', () => {
    const { watchers, replica, calls } = begin()
    const call = newCall()
    let ends = 0
    calls.write(call)
    calls.forget(
      call,
      () => undefined,
      () => ends++
    )
    expect([calls.count, calls.forgotten]).to.deep.equal([1, 1])
    const watcher = watchers.get(call.id) as CancellationWatcher
    expect(watcher.mayLiveOn()).to.equal(true)
    replica.holds = 1
    expect(watcher.mayLiveOn()).to.equal(false)
    replica.holds = 0
    replica.isLoading = true
    expect(watcher.mayLiveOn()).to.equal(false)
    replica.isLoading = false
    calls.write(newCall())
    expect(watcher.mayLiveOn()).to.equal(false)
    watcher.done()
    expect([calls.forgotten, ends]).to.deep.equal([0, 1])
  })

  it('say of those that are lost whether the space crashed', () => {
    for (const cause of ['signal', undefined]) {
      const { space, calls } = begin()
      calls.write(newCall())
      space.end = { cause }
      expect(calls.lose().crashed).to.equal(cause !== undefined)
      expect(calls.count).to.equal(0)
    }
  })
})
