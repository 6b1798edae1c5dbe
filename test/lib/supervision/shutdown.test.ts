import { expect } from 'chai'
import { createLogger } from '../../../lib/logger.js'
import { KeepAlive } from '../../../lib/supervision/keep-alive.js'
import { Shutdown } from '../../../lib/supervision/shutdown.js'
import { Timetable } from '../../../lib/supervision/timetable.js'
import { FakeTime } from '../../support/fake-time.js'

const TIMEOUT = 1000

/** What has settled is heard of. */
const heard = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('The end of a pool', () => {
  const open: KeepAlive[] = []
  afterEach(() => {
    for (const keepAlive of open.splice(0)) keepAlive.close()
  })

  /** Everything that is ended is in `told`; sets and spares end when they are killed, or at once with `quick`. */
  function begin(quick = false) {
    const time = new FakeTime()
    const told: string[] = []
    const note = (what: string) => () => void told.push(what)
    const ending = (name: string) => {
      let end: () => void = () => undefined
      const ended = new Promise<void>((resolve) => (end = resolve))
      if (quick) end()
      return { name, ended, end }
    }
    const setOf = (name: string) => {
      const { ended, end } = ending(name)
      return {
        ...{ queued: 0, inFlight: 0, finish: end },
        end: (reason: string) => {
          told.push(`${name} ends: ${reason}`)
          return ended
        },
        kill: () => {
          told.push(`${name} is killed`)
          end()
        }
      }
    }
    const spare = ending('spare')
    const space = {
      stop: () => spare.ended,
      kill: () => {
        told.push('spare is killed')
        spare.end()
      }
    }
    const keepAlive = new KeepAlive()
    open.push(keepAlive)
    const set = setOf('set')
    const context = {
      ...{ clock: time.clock, timetable: new Timetable(time.clock, time.timerSystem), keepAlive },
      ...{ announce: (name: string, event: unknown) => void told.push(`${name} ${JSON.stringify(event)}`) },
      ...{ logger: createLogger(undefined), capacity: { close: note('capacity closes') } },
      spares: { all: [{ space }], close: note('spares close') }
    }
    const starts = { giveUp: note('starts give up'), close: note('starts close') }
    return { time, told, set, setOf, keepAlive, shutdown: new Shutdown({ all: [set] }, context, starts) }
  }

  it('waits until nothing is pending', async () => {
    const { told, set, keepAlive, shutdown } = begin(true)
    keepAlive.begin()
    const closed = shutdown.drain(TIMEOUT)
    expect(shutdown.hasBegun).to.equal(true)
    await heard()
    expect(told).to.deep.equal([])
    keepAlive.end()
    await closed
    expect([set.inFlight, told]).to.deep.equal([
      0,
      [
        ...['capacity closes', 'spares close', 'set ends: close', 'starts give up'],
        ...['starts close', 'close {"failed":0}']
      ]
    ])
  })

  it('tells how many calls had not settled when the time was over, and kills what has them', async () => {
    const { time, told, set, keepAlive, shutdown } = begin()
    keepAlive.begin()
    Object.assign(set, { inFlight: 2, queued: 3 })
    const closed = shutdown.drain(TIMEOUT)
    time.advance(TIMEOUT - 1)
    await heard()
    expect(told).to.deep.equal([])
    time.advance(1)
    await closed
    expect(told).to.include.members(['set is killed', 'spare is killed', 'close {"failed":5}'])
  })

  it('lets spaces end by themselves for what is left of the time, and kills them then', async () => {
    const { time, told, shutdown } = begin()
    const closed = shutdown.drain(TIMEOUT)
    await heard()
    time.advance(TIMEOUT - 1)
    expect(told).to.include('set ends: close').and.not.include('set is killed')
    time.advance(1)
    await closed
    expect(told).to.include.members(['set is killed', 'spare is killed', 'close {"failed":0}'])
  })

  it('is at once when it is hurried', async () => {
    const { told, keepAlive, shutdown } = begin()
    keepAlive.begin()
    const destroyed = shutdown.hurry()
    expect(told).to.deep.equal(['set is killed', 'spare is killed'])
    await destroyed
  })

  it('is at once when it is hurried while it waits', async () => {
    const { told, keepAlive, shutdown } = begin()
    keepAlive.begin()
    const closed = shutdown.drain(TIMEOUT)
    await heard()
    expect(told).to.deep.equal([])
    expect(shutdown.hurry()).to.equal(closed)
    expect(told).to.deep.equal(['set is killed', 'spare is killed'])
    await closed
  })

  it('comes once', async () => {
    const { told, shutdown } = begin(true)
    expect(shutdown.hasBegun).to.equal(false)
    const closed = shutdown.drain(TIMEOUT)
    expect(shutdown.drain(TIMEOUT)).to.equal(closed)
    await closed
    expect(shutdown.hurry()).to.equal(closed)
    expect(told.filter((each) => each.startsWith('close '))).to.have.length(1)
  })

  it('comes after that of a set which is forgotten, and kills that too', async () => {
    const { told, setOf, shutdown } = begin(true)
    const forgotten = { ...setOf('forgotten') }
    let finish: () => void = () => undefined
    const ended = new Promise<void>((resolve) => (finish = resolve))
    forgotten.end = () => ended
    void shutdown.endForgotten(forgotten)
    let isClosed = false
    const closed = shutdown.drain(TIMEOUT).then(() => (isClosed = true))
    await heard()
    expect(isClosed).to.equal(false)
    void shutdown.hurry()
    expect(told).to.include('forgotten is killed')
    finish()
    await closed
  })

  it('does not concern a forgotten set that has ended', async () => {
    const { told, setOf, shutdown } = begin(true)
    const forgotten = setOf('forgotten')
    await shutdown.endForgotten(forgotten)
    await shutdown.hurry()
    expect(told).to.include('forgotten ends: remove').and.not.include('forgotten is killed')
  })
})
