import { expect } from 'chai'
import { Recycling } from '../../../lib/supervision/recycling.js'
import type { SpaceLife } from '../../../lib/supervision/recycle-policy.js'
import type { RecycleSettings } from '../../../lib/settings.js'
import { FakeTime } from '../../support/fake-time.js'

const never = { maxCalls: Infinity, maxAge: Infinity, maxMemory: Infinity, hardMemory: Infinity }
const SHORTEST_LIFE = 1000

function begin(settings: Partial<RecycleSettings>) {
  const time = new FakeTime()
  const due: string[] = []
  const state = { isReady: true, calls: 0, memory: null as number | null }
  const life = (): SpaceLife | undefined =>
    state.isReady ? { calls: state.calls, age: time.clock(), memory: state.memory } : undefined
  const space = { life, due: (reason: string) => void due.push(reason) }
  const all = { ...never, ...settings }
  return { time, due, state, recycling: new Recycling(all, SHORTEST_LIFE, time.clock, time.schedule, space) }
}

describe('Recycling', () => {
  it('is due when the calls have reached their limit, but not before the shortest life', () => {
    const { time, due, state, recycling } = begin({ maxCalls: 10 })
    state.calls = 10
    recycling.consider()
    recycling.consider()
    expect(due).to.deep.equal([])
    time.advance(SHORTEST_LIFE)
    expect(due).to.deep.equal(['recycle'])
  })

  it('is due by age without being asked again', () => {
    const { time, due, recycling } = begin({ maxAge: 5000 })
    recycling.consider()
    time.advance(5000)
    expect(due).to.deep.equal(['recycle'])
  })

  it('says when it is for memory', () => {
    const { time, due, state, recycling } = begin({ maxMemory: 100 })
    time.advance(SHORTEST_LIFE)
    state.memory = 100
    recycling.consider()
    expect(due).to.deep.equal(['memory'])
  })

  it('has no timer when nothing is limited, and none after it was stopped', () => {
    const without = begin({})
    without.recycling.consider()
    without.time.advance(1e9)
    expect(without.due).to.deep.equal([])
    const stopped = begin({ maxAge: 5000 })
    stopped.recycling.consider()
    stopped.recycling.stop()
    stopped.time.advance(1e9)
    expect(stopped.due).to.deep.equal([])
  })

  it('leaves a space alone that is not ready', () => {
    const { time, due, state, recycling } = begin({ maxAge: 5000 })
    recycling.consider()
    state.isReady = false
    time.advance(5000)
    expect(due).to.deep.equal([])
  })
})
