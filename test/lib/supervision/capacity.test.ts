import { expect } from 'chai'
import { Capacity } from '../../../lib/supervision/capacity.js'
import type { Place } from '../../../lib/supervision/place.js'
import { FakeTime } from '../../support/fake-time.js'
import { recordingLogger } from '../../support/records.js'
import { errorOf } from '../../support/rejections.js'

/** A capacity whose spaces end when the test says so. */
function capacityOf(maxSpaces: number, giveUpAfter = 60_000) {
  const time = new FakeTime()
  const { logger, records } = recordingLogger()
  const source = {
    asked: [] as string[],
    canMake: false,
    makeRoom: (key: string) => {
      source.asked.push(key)
      return source.canMake
    },
    holders: () => ['one', 'two']
  }
  const settings = { maxSpaces, warnAfter: 5000, giveUpAfter }
  return { time, records, source, capacity: new Capacity(settings, source, time.schedule, logger) }
}

/** Whether it has settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false
  const settle = (): void => void (settled = true)
  promise.then(settle, settle)
  await new Promise((resolve) => setImmediate(resolve))
  return settled
}

describe('The capacity of a pool', () => {
  it('lends so many places, and the next one when one was given back', async () => {
    const { capacity, source } = capacityOf(2)
    const places = await Promise.all([capacity.acquire('a'), capacity.acquire('b')])
    expect(capacity.free).to.equal(0)
    const third = capacity.acquire('c')
    expect(await isSettled(third)).to.equal(false)
    expect(source.asked).to.deep.equal(['c'])
    capacity.release(places[0])
    const place = await third
    for (const each of [places[1], place]) capacity.release(each)
    expect(capacity.free).to.equal(2)
    capacity.close()
  })

  it('serves those who wait in their order', async () => {
    const { capacity } = capacityOf(1)
    let place: Place = await capacity.acquire('first')
    const served: string[] = []
    const waits = ['a', 'b', 'c'].map(async (key) => {
      const got = await capacity.acquire(key)
      served.push(key)
      capacity.release(got)
    })
    capacity.release(place)
    await Promise.all(waits)
    expect(served).to.deep.equal(['a', 'b', 'c'])
    place = await capacity.acquire('again')
    capacity.release(place)
    capacity.close()
  })

  it('asks for room once for each that waits, again and again while there is none', async () => {
    const { capacity, source, time } = capacityOf(1)
    const place = await capacity.acquire('a')
    const waiting = capacity.acquire('b')
    expect(source.asked).to.have.length(1)
    time.advance(1000)
    expect(source.asked.length).to.equal(5)
    source.canMake = true
    capacity.mayHaveRoom()
    const asked = source.asked.length
    time.advance(1000)
    expect(source.asked, 'one space is leaving already').to.have.length(asked)
    capacity.release(place)
    capacity.release(await waiting)
    time.advance(1000)
    expect(time.pending).to.equal(0)
    capacity.close()
  })

  it('names in the log who has the room, and gives up with NO_ROOM', async () => {
    const { capacity, records, time } = capacityOf(1, 30)
    const place = await capacity.acquire('a')
    const waiting = errorOf('ERR_SPACEPOOL_NO_ROOM', capacity.acquire('b'))
    time.advance(5000)
    expect(records.map(({ level, fields }) => [level, fields['holders']])).to.deep.equal([
      ['warn', ['one', 'two']]
    ])
    expect(await waiting).to.deep.include({ key: 'b', waited: 30, holders: ['one', 'two'] })
    capacity.release(place)
    expect(capacity.free).to.equal(1)
    capacity.close()
  })

  it('asks for no room for one that does not want it any more, and lends what comes late to the next one', async () => {
    const { capacity, source, time } = capacityOf(1)
    const place = await capacity.acquire('a')
    const controller = new AbortController()
    const given = capacity.acquire('b', controller.signal).catch((reason: unknown) => reason)
    controller.abort('not any more')
    expect(await given).to.equal('not any more')
    const asked = source.asked.length
    capacity.mayHaveRoom()
    time.advance(1000)
    expect(source.asked).to.have.length(asked)
    expect(time.pending).to.equal(0)
    const next = capacity.acquire('c')
    expect(source.asked.slice(asked)).to.deep.equal(['c'])
    capacity.release(place)
    capacity.release(await next)
    expect(capacity.free).to.equal(1)
    capacity.close()
  })

  it('still knows who is leaving when a place came too late for one who does not want it any more', async () => {
    const { capacity, source } = capacityOf(2)
    const places = [await capacity.acquire('a'), await capacity.acquire('b')] as const
    const controller = new AbortController()
    const withdrawn = capacity.acquire('c', controller.signal).catch(() => undefined)
    controller.abort()
    await withdrawn
    source.canMake = true
    const waiting = [capacity.acquire('d'), capacity.acquire('e')]
    expect(source.asked).to.deep.equal(['c', 'd', 'e'])
    capacity.release(places[0])
    const first = await (waiting[0] as Promise<Place>)
    capacity.mayHaveRoom()
    expect(source.asked, 'one is still leaving, for the one that waits').to.have.length(3)
    capacity.release(places[1])
    for (const each of [first, await (waiting[1] as Promise<Place>)]) capacity.release(each)
    capacity.close()
  })

  it('lends one place at a time beside the others', async () => {
    const { capacity } = capacityOf(1)
    const ordinary = await capacity.acquire('a')
    const first = await capacity.acquireExtra()
    const second = capacity.acquireExtra()
    expect(await isSettled(second)).to.equal(false)
    expect(capacity.free).to.equal(0)
    capacity.release(first)
    const place = await second
    expect(place.kind).to.equal('extra')
    capacity.release(place)
    expect(capacity.free).to.equal(0)
    capacity.release(ordinary)
    capacity.close()
  })

  it('refuses those who wait when it is closed, for a place beside the others as well', async () => {
    const { capacity } = capacityOf(1)
    const place = await capacity.acquire('a')
    const extra = await capacity.acquireExtra()
    const waits = [capacity.acquire('b'), capacity.acquireExtra(), capacity.acquireExtra()]
    const refusals = waits.map((wait) => errorOf('ERR_SPACEPOOL_POOL_CLOSED', wait))
    capacity.close()
    await refusals[0]
    capacity.release(extra)
    await Promise.all(refusals)
    await errorOf('ERR_SPACEPOOL_POOL_CLOSED', capacity.acquire('c'))
    capacity.release(place)
  })
})
