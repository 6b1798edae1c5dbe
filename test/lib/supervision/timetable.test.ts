import { expect } from 'chai'
import fc from 'fast-check'
import { Timetable } from '../../../lib/supervision/timetable.js'
import { FakeTime } from '../../support/fake-time.js'
import { unixPair } from '../../support/unix-pair.js'

function timetable() {
  const time = new FakeTime(1000)
  return { time, table: new Timetable(time.clock, time.timerSystem) }
}

/** The timetable reads the clock once for all that is added in one go. */
const nextGo = (): Promise<void> => Promise.resolve()

describe('A timetable', () => {
  it('calls what is due in the order of deadlines, each once, by one timer', async () => {
    const { time, table } = timetable()
    const called: string[] = []
    for (const ms of [300, 100, 200]) table.schedule(ms, () => called.push(`${ms} at ${time.now}`))
    expect(time.pending).to.equal(1)
    await nextGo()
    time.advance(1000)
    expect(called).to.deep.equal(['100 at 1100', '200 at 1200', '300 at 1300'])
    expect(time.pending).to.equal(0)
  })

  it('does not call what was taken off, from whichever place of its list', () => {
    for (const taken of [0, 1, 2]) {
      const { time, table } = timetable()
      const called: number[] = []
      const cancels = [0, 1, 2].map((each) => table.schedule(50, () => called.push(each)))
      cancels[taken]?.()
      cancels[taken]?.()
      time.advance(60)
      expect(called).to.deep.equal([0, 1, 2].filter((each) => each !== taken))
    }
  })

  it('has no timer for Infinity', () => {
    const { time, table } = timetable()
    table.schedule(Infinity, () => expect.fail('never'))
    expect(time.pending).to.equal(0)
  })

  it('arms a timer again for what is longer than a timer may be', async () => {
    const { time, table } = timetable()
    const days = 60 * 24 * 3_600_000
    let called = 0
    table.schedule(days, () => called++)
    expect(time.nearest).to.equal(2 ** 31 - 1)
    await nextGo()
    time.advance(days - 1)
    expect(called).to.equal(0)
    time.advance(1)
    expect(called).to.equal(1)
  })

  it('calls the others though one throws', async () => {
    const { time, table } = timetable()
    const called: number[] = []
    table.schedule(10, () => {
      throw new Error('mine')
    })
    table.schedule(10, () => called.push(1))
    table.schedule(20, () => called.push(2))
    await nextGo()
    expect(() => time.advance(100)).to.throw('mine')
    time.advance(100)
    expect(called).to.deep.equal([1, 2])
  })

  it('has nothing due when it was cleared', () => {
    const { time, table } = timetable()
    table.schedule(10, () => expect.fail('cleared'))
    table.clear()
    time.advance(100)
    expect(time.pending).to.equal(0)
  })

  it('calls what is due when what has arrived was read, also where this process stood still', async () => {
    const table = new Timetable(() => performance.now())
    const { channel, far } = await unixPair('into targets')
    const order: string[] = []
    far.on('data', () => order.push('read')).resume()
    await new Promise(setImmediate)
    const due = new Promise<void>((resolve) => {
      table.schedule(10, () => {
        order.push('due')
        resolve()
      })
    })
    channel.write(Buffer.from('answer'))
    for (const end = performance.now() + 30; performance.now() < end;);
    await due
    expect(order).to.deep.equal(['read', 'due'])
    channel.close()
    far.destroy()
  })

  it('takes what is added while it calls what is due', async () => {
    const { time, table } = timetable()
    const called: number[] = []
    table.schedule(10, () => {
      called.push(time.now)
      table.schedule(10, () => called.push(time.now))
    })
    await nextGo()
    time.advance(10)
    await nextGo()
    time.advance(10)
    expect(called).to.deep.equal([1010, 1020])
  })

  it('takes what is added for a duration that none was left of in the same round, among many durations', async () => {
    const { time, table } = timetable()
    for (let other = 0; other < 40; other++) table.schedule(100_000 + other, () => undefined)
    const called: number[] = []
    table.schedule(100, () => undefined)
    table.schedule(101, () => table.schedule(100, () => called.push(time.now)))
    table.schedule(100, () => undefined)
    await nextGo()
    time.stall(150)
    await nextGo()
    time.advance(100)
    expect(called).to.deep.equal([1250])
  })

  it('calls each at its moment and none that was taken off, whatever is added and removed', async () => {
    const steps = fc.array(
      fc.record({ ms: fc.integer({ min: 1, max: 40 }), pause: fc.nat(15), removes: fc.nat(4) }),
      { maxLength: 40 }
    )
    await fc.assert(
      fc.asyncProperty(steps, async (plan) => {
        const { time, table } = timetable()
        const due = new Map<number, number>()
        const cancels = new Map<number, () => void>()
        let wrong = 0
        for (const [index, { ms, pause, removes }] of plan.entries()) {
          due.set(index, time.now + ms)
          const then = (): void => {
            if (due.get(index) !== time.now) wrong++
            due.delete(index)
          }
          cancels.set(index, table.schedule(ms, then))
          if (removes === 0) {
            const victim = index >> 1
            cancels.get(victim)?.()
            due.delete(victim)
          }
          await nextGo()
          time.advance(pause)
        }
        time.advance(100)
        expect({ wrong, left: due.size }).to.deep.equal({ wrong: 0, left: 0 })
      }),
      { numRuns: 300 }
    )
  })
})
