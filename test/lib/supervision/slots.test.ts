import { expect } from 'chai'
import type { Replica } from '../../../lib/supervision/replica.js'
import { Slots } from '../../../lib/supervision/slots.js'

const named = (name: string): Replica => ({ name }) as unknown as Replica
const [one, two, three] = [named('one'), named('two'), named('three')] as const

function filled(...replicas: Replica[]): Slots {
  const slots = new Slots(replicas.length)
  replicas.forEach((replica, slot) => slots.fill(slot, replica))
  return slots
}

describe('The slots of a set', () => {
  it('are empty at first', () => {
    const slots = new Slots(2)
    expect(slots).to.deep.include({ length: 2, hasEmpty: true, empty: [0, 1], all: [], filled: [] })
  })

  it('keep their numbers when one of them is emptied and filled again', () => {
    const slots = filled(one, two)
    expect(slots.takeOut(one)).to.equal(true)
    expect(slots).to.deep.include({ length: 2, empty: [0], filled: [two], all: [two, one] })
    slots.fill(0, three)
    expect([slots.numberOf(three), slots.numberOf(two), slots.numberOf(one)]).to.deep.equal([0, 1, -1])
    slots.forget(one)
    expect(slots.all).to.deep.equal([three, two])
  })

  it('take out only once what they hold', () => {
    const slots = filled(one)
    slots.takeOut(one)
    expect(slots.takeOut(one)).to.equal(false)
    expect(slots.all).to.deep.equal([one])
  })

  it('get one more for a replica that had none', () => {
    const slots = filled(one)
    slots.addBeside(two)
    expect(slots.has(two)).to.equal(false)
    slots.append(two)
    expect(slots).to.deep.include({ length: 2, filled: [one, two], all: [one, two] })
  })

  it('let a replica take the place of another, as long as that one has it', () => {
    const slots = filled(one, two)
    slots.addBeside(three)
    expect(slots.exchange(one, three)).to.equal(true)
    expect(slots).to.deep.include({ filled: [three, two], all: [three, two, one] })
    expect(slots.exchange(one, three)).to.equal(false)
    expect(slots.all).to.deep.equal([three, two, one])
  })

  it('become fewer by an empty one, or by the last', () => {
    const slots = filled(one, two, three)
    slots.removeEmpty()
    expect(slots.length).to.equal(3)
    slots.takeOut(one)
    slots.removeEmpty()
    expect(slots.filled).to.deep.equal([two, three])
    slots.removeLast()
    expect(slots).to.deep.include({ length: 1, filled: [two], all: [two, one, three] })
  })

  it('are as many as at first after a reset, and forget nobody who has not ended', () => {
    const slots = filled(one, two)
    const { list } = slots
    slots.reset(1)
    expect(slots).to.deep.include({ length: 1, empty: [0], all: [one, two] })
    expect(slots.list).to.equal(list)
  })
})
