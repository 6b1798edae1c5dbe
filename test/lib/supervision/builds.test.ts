import { expect } from 'chai'
import { Builds } from '../../../lib/supervision/builds.js'
import type { Replica } from '../../../lib/supervision/replica.js'
import { Slots } from '../../../lib/supervision/slots.js'
import { FakeReplica } from '../../support/fake-replica.js'

function begin(count: number) {
  const slots = new Slots(count)
  const made: FakeReplica[] = []
  const told: unknown[] = []
  const builds = new Builds(slots, {
    make: () => {
      made.push(new FakeReplica())
      return (made.at(-1) as FakeReplica).asReplica
    },
    built: () => void told.push('built'),
    notBuilt: (slot, error) => void told.push([slot, error.message])
  })
  return { slots, made, told, builds }
}

describe('Building the replicas of a set', () => {
  it('is done in every slot at first, as one generation, and tells of each that it is ready', async () => {
    const { slots, made, builds } = begin(2)
    const established = builds.establish()
    expect(slots.list).to.deep.equal(made)
    for (const replica of made) await replica.succeed()
    await established
    expect(made.map(({ done }) => done)).to.deep.equal([
      ['build', 'told'],
      ['build', 'told']
    ])
    expect(builds.generation).to.equal(1)
  })

  it('fails at first when one cannot be had, once all the others have begun or failed', async () => {
    const { made, builds } = begin(2)
    let failure: unknown
    const established = builds.establish().catch((error: unknown) => (failure = error))
    await made[0]?.fail(new Error('no such package'))
    expect(failure).to.equal(undefined)
    await made[1]?.succeed()
    await established
    expect(failure).to.have.property('message', 'no such package')
  })

  it('begins a generation when one has gone from its slot, and not when one that had none has', () => {
    const { slots, builds } = begin(1)
    builds.start(0)
    const [replica] = slots.list as [Replica]
    builds.make()
    expect(builds.generation).to.equal(1)
    builds.takeOut(replica)
    builds.startMissing()
    expect(builds.generation).to.equal(2)
    builds.takeOut(replica)
    builds.make()
    expect(builds.generation).to.equal(2)
  })

  it('tells that one is ready only when those who hear of it find it so', async () => {
    const { made, told, builds } = begin(1)
    builds.start(0)
    await made[0]?.succeed()
    expect(made[0]?.done).to.deep.equal(['build', 'told'])
    expect(told).to.deep.equal(['built'])
  })

  it('empties the slot of one that never got a space', async () => {
    const { slots, made, told, builds } = begin(2)
    builds.startMissing()
    await made[1]?.fail(new Error('no room'))
    expect(slots).to.deep.include({ empty: [1], all: [made[0]] })
    expect(told).to.deep.equal([[1, 'no room']])
  })

  it('tells nothing of one that was taken out before it got a space: nobody waits for it, and a probe is another one', async () => {
    const { slots, made, told, builds } = begin(1)
    builds.start(0)
    builds.takeOut(slots.list[0] as Replica)
    builds.start(0)
    await made[0]?.fail(new Error('it was stopped'))
    expect(told).to.deep.equal([])
    expect(slots.all).to.deep.equal([made[1]])
  })

  it('leaves one that had a space to the end of that', async () => {
    const { slots, made, told, builds } = begin(1)
    builds.start(0)
    const [replica] = made as [FakeReplica]
    replica.space = { ended: Promise.resolve() }
    await replica.fail(new Error('it crashed'))
    expect(slots.list).to.deep.equal([replica])
    expect(told).to.deep.equal([])
  })
})
