import { expect } from 'chai'
import type { PoolContext } from '../../../lib/supervision/context.js'
import type { Replica } from '../../../lib/supervision/replica.js'
import { Scaling } from '../../../lib/supervision/scaling.js'
import { Slots } from '../../../lib/supervision/slots.js'
import { FakeReplica } from '../../support/fake-replica.js'
import { FakeTime } from '../../support/fake-time.js'

const SURPLUS = 1000

/** A set of one to three replicas, each for so many calls, of which there are these. */
function begin(...replicas: FakeReplica[]) {
  const time = new FakeTime()
  const slots = new Slots(0)
  for (const replica of replicas) slots.append(replica.asReplica)
  const made: FakeReplica[] = []
  const state = { built: 0, shrunk: 0, evicted: [] as FakeReplica[] }
  const make = (): Replica => {
    made.push(new FakeReplica())
    return (made.at(-1) as FakeReplica).asReplica
  }
  const settings = { replicas: { min: 1, max: 3 }, concurrency: 2 }
  const context = { bounds: { surplus: SURPLUS }, timetable: time } as unknown as PoolContext
  const set = {
    ...{ settings, built: () => void state.built++, shrunk: () => void state.shrunk++ },
    evicting: (replica: Replica) => void state.evicted.push(replica as unknown as FakeReplica)
  }
  return { time, slots, made, state, scaling: new Scaling(slots, { make }, context, set) }
}

describe('The number of replicas of a set', () => {
  it('grows by one at a time when all are full', async () => {
    const { slots, made, state, scaling } = begin(FakeReplica.ready(2), FakeReplica.ready(2))
    scaling.consider()
    scaling.consider()
    expect(made).to.have.length(1)
    const [fresh] = made as [FakeReplica]
    expect(scaling.isGrowing(fresh.asReplica)).to.equal(true)
    expect(slots).to.include({ length: 2 })
    expect(slots.all).to.include(fresh.asReplica)
    await fresh.succeed()
    expect(slots.list[2]).to.equal(fresh.asReplica)
    expect(fresh.done).to.deep.equal(['build', 'told'])
    expect(state.built).to.equal(1)
    expect(scaling).to.include({ isAtMost: true })
    fresh.inFlight = 2
    scaling.consider()
    expect(made).to.have.length(1)
  })

  it('does not grow while one of them takes calls, or is being built', () => {
    const { made, scaling } = begin(FakeReplica.ready(2), FakeReplica.ready(1))
    scaling.consider()
    const building = begin(FakeReplica.ready(2), new FakeReplica())
    building.scaling.consider()
    expect([...made, ...building.made]).to.deep.equal([])
  })

  it('may grow again when one could not be built', async () => {
    const { slots, made, scaling } = begin(FakeReplica.ready(2))
    scaling.consider()
    await made[0]?.fail(new Error('no room'))
    expect(slots.all).to.have.length(1)
    scaling.consider()
    expect(made).to.have.length(2)
  })

  it('has no slot for what was given up meanwhile, which is ended', async () => {
    const { slots, made, state, scaling } = begin(FakeReplica.ready(2))
    scaling.consider()
    const [fresh] = made as [FakeReplica]
    fresh.state = 'starting'
    scaling.giveUp()
    await fresh.succeed()
    expect(fresh.done).to.deep.equal(['build', 'stop: recycle'])
    expect(slots.length).to.equal(1)
    expect(state.built).to.equal(0)
  })

  it('lets what was given up not wait for room any more', async () => {
    const { slots, made, state, scaling } = begin(FakeReplica.ready(2))
    scaling.consider()
    scaling.giveUp()
    expect(made[0]?.done).to.deep.equal(['build', 'stop: recycle'])
    await made[0]?.fail(new Error('it was stopped'))
    expect(slots.all).to.have.length(1)
    expect(state.built).to.equal(0)
  })

  it('goes back when the last ones have been idle for a while, down to the minimum', () => {
    const replicas = [1, 2, 3].map(() => FakeReplica.ready())
    const { time, slots, state, scaling } = begin(...replicas)
    scaling.becameIdle()
    time.advance(SURPLUS / 2)
    scaling.becameIdle()
    for (const replica of replicas) replica.idleFor = SURPLUS
    time.advance(SURPLUS / 2)
    expect(slots.length).to.equal(1)
    expect(replicas.map(({ done }) => done)).to.deep.equal([[], ['stop: evict'], ['stop: evict']])
    expect(state).to.deep.include({ shrunk: 1, evicted: [replicas[2], replicas[1]] })
    expect(time.pending).to.equal(0)
  })

  it('goes back also when there was nothing to do any more for one that had just been built', async () => {
    const first = FakeReplica.ready(2)
    const { time, slots, made, scaling } = begin(first)
    scaling.consider()
    first.inFlight = 0
    scaling.becameIdle()
    const [fresh] = made as [FakeReplica]
    await fresh.succeed()
    expect(slots.length).to.equal(2)
    fresh.idleFor = SURPLUS
    time.advance(SURPLUS)
    expect(slots.length).to.equal(1)
    expect(fresh.done.at(-1)).to.equal('stop: evict')
  })

  it('leaves one that something here refers to', () => {
    const [first, last] = [FakeReplica.ready(), FakeReplica.ready()] as const
    const { time, slots, state, scaling } = begin(first, last)
    last.holds = 1
    last.idleFor = SURPLUS
    scaling.becameIdle()
    time.advance(SURPLUS)
    expect(slots.length).to.equal(2)
    expect(state.shrunk).to.equal(0)
    last.holds = 0
    time.advance(SURPLUS)
    expect(slots.length).to.equal(1)
  })

  it('is looked at again as long as there is one that is not idle for long enough', () => {
    const [first, last] = [FakeReplica.ready(), FakeReplica.ready(1)] as const
    const { time, slots, scaling } = begin(first, last)
    scaling.becameIdle()
    first.idleFor = SURPLUS
    time.advance(SURPLUS)
    expect(slots.length).to.equal(2)
    Object.assign(last, { inFlight: 0, idleFor: SURPLUS })
    time.advance(SURPLUS)
    expect(slots.filled).to.deep.equal([first.asReplica])
  })

  it('loses empty slots above the minimum, too', () => {
    const last = FakeReplica.ready()
    const { time, slots, state, scaling } = begin(FakeReplica.ready(), last)
    slots.takeOut(last.asReplica)
    slots.forget(last.asReplica)
    scaling.becameIdle()
    time.advance(SURPLUS)
    expect(slots.length).to.equal(1)
    expect(last.done).to.deep.equal([])
    expect(state).to.deep.include({ shrunk: 1, evicted: [] })
  })

  it('is not looked at when there are no more than must be, nor after the end', () => {
    const few = begin(FakeReplica.ready())
    few.scaling.becameIdle()
    expect(few.time.pending).to.equal(0)
    const ended = begin(FakeReplica.ready(), FakeReplica.ready())
    ended.scaling.becameIdle()
    ended.scaling.stop()
    expect(ended.time.pending).to.equal(0)
  })
})
