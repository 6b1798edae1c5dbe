import { expect } from 'chai'
import { createLogger } from '../../../lib/logger.js'
import { Builds } from '../../../lib/supervision/builds.js'
import type { PoolContext } from '../../../lib/supervision/context.js'
import { Place } from '../../../lib/supervision/place.js'
import { Replacements } from '../../../lib/supervision/replacements.js'
import type { Replica } from '../../../lib/supervision/replica.js'
import { SetNews } from '../../../lib/supervision/set-news.js'
import { Slots } from '../../../lib/supervision/slots.js'
import { FakeReplica } from '../../support/fake-replica.js'
import { FakeTime } from '../../support/fake-time.js'

const bounds = { shortestLife: 500, drain: 2000 }

/** A set with these replicas in its slots. */
function begin(...replicas: FakeReplica[]) {
  const time = new FakeTime()
  const slots = new Slots(0)
  for (const replica of replicas) slots.append(replica.asReplica)
  const released: Place[] = []
  const capacity = {
    acquireExtra: () => Promise.resolve(new Place('extra')),
    release: (place: Place) => void released.push(place)
  }
  const made: FakeReplica[] = []
  const builds = new Builds(slots, {
    make: () => {
      made.push(new FakeReplica())
      return (made.at(-1) as FakeReplica).asReplica
    },
    built: () => undefined,
    notBuilt: () => undefined
  })
  const set = {
    phase: 'up' as 'up' | 'establishing' | 'probing' | 'removed',
    replaced: 0
  }
  const logger = createLogger(undefined)
  const context = { bounds, capacity, timetable: time, logger } as unknown as PoolContext
  const replacements = new Replacements(
    slots,
    builds,
    context,
    new SetNews({ key: 'a set', packages: [] }, context),
    {
      state: () => set.phase,
      replaced: () => void set.replaced++
    }
  )
  return { time, slots, released, made, builds, set, replacements }
}

/** What has settled is heard of. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('Replacing the replicas of a set', () => {
  it('ends the old one only when the new one stands in its slot, with the place of the old one', async () => {
    const old = FakeReplica.ready()
    const place = (old.place = new Place('ordinary'))
    const { slots, made, builds, set, replacements } = begin(old)
    builds.make()
    made.length = 0
    replacements.replaceDue(old.asReplica, 'memory')
    await settled()
    const [fresh] = made as [FakeReplica]
    expect(old.done).to.deep.equal([])
    expect(slots.all).to.deep.equal([old.asReplica, fresh.asReplica])
    await fresh.succeed()
    expect(slots.list).to.deep.equal([fresh.asReplica])
    expect(fresh.done).to.deep.equal(['build', 'told'])
    expect(set.replaced).to.equal(1)
    expect(builds.generation).to.equal(2)
    expect(old.done).to.deep.equal(['drain: memory', 'stop: memory'])
    expect(fresh.place).to.equal(place)
    expect(old.place).to.have.property('kind', 'extra')
  })

  it('lets the old one answer what it has, and ends it after a while if it does not', async () => {
    const old = FakeReplica.ready(1)
    const { time, made, replacements } = begin(old)
    replacements.replaceDue(old.asReplica, 'recycle')
    await settled()
    await made[0]?.succeed()
    time.advance(bounds.drain - 1)
    expect(old.done).to.deep.equal(['drain: recycle'])
    time.advance(1)
    expect(old.done).to.deep.equal(['drain: recycle', 'stop: recycle'])
  })

  it('has no timer for one that has ended in time', async () => {
    const old = FakeReplica.ready(1)
    const { time, replacements } = begin(old)
    const retiring = replacements.retire(old.asReplica, 'recycle')
    expect(time.pending).to.equal(1)
    await old.end()
    await retiring
    expect(time.pending).to.equal(0)
  })

  it('keeps one that cannot be replaced, and has it looked at again later', async () => {
    const old = FakeReplica.ready()
    const { time, slots, made, replacements } = begin(old)
    replacements.replaceDue(old.asReplica, 'recycle')
    replacements.replaceDue(old.asReplica, 'recycle')
    await settled()
    expect(made).to.have.length(1)
    await made[0]?.fail(new Error('not now'))
    expect(made[0]?.done).to.deep.equal(['build', 'stop: recycle'])
    replacements.replaceDue(old.asReplica, 'recycle')
    expect(slots.list).to.deep.equal([old.asReplica])
    time.advance(bounds.shortestLife)
    expect(old.done).to.deep.equal(['considered'])
    replacements.replaceDue(old.asReplica, 'recycle')
    await settled()
    expect(made).to.have.length(2)
  })

  it('keeps one that is due while its set is added or probed, and has it looked at again later', async () => {
    for (const phase of ['establishing', 'probing'] as const) {
      const old = FakeReplica.ready()
      const { time, made, set, replacements } = begin(old)
      set.phase = phase
      replacements.replaceDue(old.asReplica, 'recycle')
      replacements.replaceDue(old.asReplica, 'recycle')
      await settled()
      expect(made).to.deep.equal([])
      expect(time.pending).to.equal(1)
      set.phase = 'up'
      time.advance(bounds.shortestLife)
      expect(old.done).to.deep.equal(['considered'])
      replacements.replaceDue(old.asReplica, 'recycle')
      await settled()
      expect(made).to.have.length(1)
    }
  })

  it('starts nothing, and gives the place back, when the old one went while the place was waited for', async () => {
    for (const removed of [false, true]) {
      const old = FakeReplica.ready()
      const { slots, released, made, set, replacements } = begin(old)
      const replacing = replacements.replaceAll([old.asReplica])
      if (removed) set.phase = 'removed'
      else slots.takeOut(old.asReplica)
      await replacing
      expect(made).to.deep.equal([])
      expect(released).to.have.length(1)
    }
  })

  it('ends the new one when the old one went while it was built', async () => {
    const old = FakeReplica.ready()
    const { slots, made, set, replacements } = begin(old)
    replacements.replaceDue(old.asReplica, 'recycle')
    await settled()
    slots.takeOut(old.asReplica)
    await made[0]?.succeed()
    expect(made[0]?.done).to.deep.equal(['build', 'stop: recycle'])
    expect(set.replaced).to.equal(0)
  })

  it('is done one after another when all are replaced, as one generation, and fails with the first that fails', async () => {
    const replicas = [FakeReplica.ready(), FakeReplica.ready(), FakeReplica.ready()]
    const { slots, made, builds, replacements } = begin(...replicas)
    const error = new Error('not now')
    const failure = replacements.replaceAll(slots.filled).catch((reason: unknown) => reason)
    await settled()
    expect(made).to.have.length(1)
    await made[0]?.succeed()
    expect(made).to.have.length(2)
    await made[1]?.fail(error)
    await replicas[0]?.end()
    expect(await failure).to.equal(error)
    expect(made).to.have.length(2)
    expect(builds.generation).to.equal(1)
    expect(slots.list).to.deep.equal([made[0], replicas[1], replicas[2]])
  })

  it('is not done for one whose set is ended, or that is out of its slot', async () => {
    const removed = begin(FakeReplica.ready())
    removed.set.phase = 'removed'
    removed.replacements.replaceDue(removed.slots.list[0] as Replica, 'recycle')
    const out = begin()
    out.replacements.replaceDue(FakeReplica.ready().asReplica, 'recycle')
    await settled()
    expect([...removed.made, ...out.made]).to.deep.equal([])
    expect(removed.time.pending + out.time.pending).to.equal(0)
  })
})
