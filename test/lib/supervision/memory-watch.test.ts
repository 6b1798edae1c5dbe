import { expect } from 'chai'
import { MemoryWatch } from '../../../lib/supervision/memory-watch.js'
import { FakeTime } from '../../support/fake-time.js'

function begin(limit: number) {
  const time = new FakeTime()
  const state = { busy: true, memory: 0 as number | undefined, looks: 0, kills: 0 }
  const space = { pid: () => 7, busy: () => state.busy, kill: () => void state.kills++ }
  const look = (): number | undefined => {
    state.looks++
    return state.memory
  }
  return { time, state, watch: new MemoryWatch(limit, time.schedule, space, look) }
}

describe('The watch on memory', () => {
  it('looks four times in a second, as long as something runs', () => {
    const { time, state, watch } = begin(100)
    watch.start()
    watch.start()
    time.advance(1000)
    expect(state.looks).to.equal(4)
    state.busy = false
    time.advance(1000)
    expect(state.looks).to.equal(5)
    state.busy = true
    watch.start()
    time.advance(250)
    expect(state.looks).to.equal(6)
  })

  it('ends a space that has reached its limit, whether it is seen or told', () => {
    const { time, state, watch } = begin(100)
    watch.start()
    state.memory = 99
    time.advance(250)
    expect(state.kills).to.equal(0)
    state.memory = 100
    time.advance(250)
    expect(state.kills).to.equal(1)
    watch.enforce(101)
    expect(state.kills).to.equal(2)
  })

  it('does not mind what cannot be seen', () => {
    const { time, state, watch } = begin(100)
    state.memory = undefined
    watch.start()
    time.advance(500)
    expect(state).to.include({ looks: 2, kills: 0 })
  })

  it('never looks without a limit, nor after it was stopped', () => {
    const without = begin(Infinity)
    without.watch.start()
    const stopped = begin(100)
    stopped.watch.start()
    stopped.watch.stop()
    for (const { time, state } of [without, stopped]) {
      time.advance(1000)
      expect(state.looks).to.equal(0)
    }
  })
})
