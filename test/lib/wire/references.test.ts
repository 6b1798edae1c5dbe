import { expect } from 'chai'
import { LentThings } from '../../../lib/wire/references.js'

/** Functions lent with a limit of 80, and how often they were found to be many. */
function lentUpTo80() {
  const told = { times: 0 }
  const clock = { now: 0 }
  const lent = new LentThings(
    () => 80,
    () => told.times++,
    () => clock.now
  )
  const lendMore = (count: number) => Array.from({ length: count }, () => lent.lend(() => undefined))
  return { lent, told, lendMore, clock }
}

describe('lent functions', () => {
  it('are known by one reference each, however often they are lent', () => {
    const { lent } = lentUpTo80()
    const callback = () => undefined
    expect(lent.lend(callback)).to.equal(lent.lend(callback))
    expect(lent.size).to.equal(1)
    expect(lent.get(lent.lend(callback)).lent).to.equal(callback)
  })

  it('stay lent until each of their arrivals is released', () => {
    const { lent } = lentUpTo80()
    const callback = () => undefined
    const reference = lent.lend(callback)
    lent.lend(callback)
    lent.release(reference, 1)
    expect(lent.size).to.equal(1)
    lent.release(reference, 1)
    expect(lent.size).to.equal(0)
  })

  it('are found to be many when one is refused, at most every 100 ms', async () => {
    const { told, lendMore, clock } = lentUpTo80()
    lendMore(80)
    await Promise.resolve()
    const before = told.times
    for (const [passed, times] of [
      [99, 0],
      [1, 1],
      [0, 1],
      [99, 1],
      [1, 2]
    ] as const) {
      clock.now += passed
      expect(() => lendMore(1)).to.throw('TOO_MANY_CALLBACKS')
      await Promise.resolve()
      expect(told.times - before).to.equal(times)
    }
  })

  it('are refused beyond the limit', () => {
    const { lendMore } = lentUpTo80()
    lendMore(80)
    expect(() => lendMore(1)).to.throw('TOO_MANY_CALLBACKS')
  })

  it('are found to be many beyond half of the limit, though not while they are being written', async () => {
    const { told, lendMore } = lentUpTo80()
    lendMore(40)
    await Promise.resolve()
    expect(told.times).to.equal(0)
    lendMore(1)
    expect(told.times).to.equal(0)
    await Promise.resolve()
    expect(told.times).to.equal(1)
  })

  it('are found to be many again after each further eighth', async () => {
    const { told, lendMore } = lentUpTo80()
    lendMore(51)
    await Promise.resolve()
    expect(told.times).to.equal(1)
    lendMore(1)
    await Promise.resolve()
    expect(told.times).to.equal(2)
  })

  it('are found to be many again when they were fewer in between', async () => {
    const { lent, told, lendMore } = lentUpTo80()
    const references = lendMore(41)
    await Promise.resolve()
    for (const reference of references.slice(0, 20)) lent.release(reference, 1)
    lendMore(20)
    await Promise.resolve()
    expect(told.times).to.equal(2)
  })
})
