import { expect } from 'chai'
import { Heartbeat } from '../../../lib/supervision/heartbeat.js'
import { parsePoolOptions } from '../../../lib/options.js'
import { Timetable } from '../../../lib/supervision/timetable.js'
import { now } from '../../../lib/wire/clock.js'
import { FakeTime } from '../../support/fake-time.js'

/** A space that says only what the test says for it. */
function heartbeat(settings: { interval?: number; missed?: number } = {}) {
  const time = new FakeTime(500)
  const pulse = {
    isBusy: true,
    messages: 0,
    asked: 0,
    silences: [] as number[],
    answers: 0,
    busy: () => pulse.isBusy,
    heard: () => pulse.messages,
    ask: () => void pulse.asked++,
    silent: (ms: number) => void pulse.silences.push(ms),
    answered: () => void pulse.answers++
  }
  const beats = new Heartbeat({ interval: 1000, missed: 3, ...settings }, time.clock, time.schedule, pulse)
  return { time, pulse, beats }
}

describe('A heartbeat', () => {
  it('notices a space that says nothing for three beats, once, and tells for how long', () => {
    const { time, pulse, beats } = heartbeat()
    beats.start()
    time.advance(2999)
    expect(pulse.silences).to.deep.equal([])
    time.advance(1)
    expect(pulse.silences).to.deep.equal([3000])
    time.advance(60_000)
    expect(pulse.silences).to.have.length(1)
  })

  it('asks at each beat until then, and not afterwards', () => {
    const { time, pulse, beats } = heartbeat()
    beats.start()
    time.advance(2000)
    expect(pulse.asked).to.equal(2)
    time.advance(10_000)
    expect(pulse.asked).to.equal(2)
  })

  it('is content with any message since the last beat', () => {
    const { time, pulse, beats } = heartbeat()
    beats.start()
    for (let beat = 0; beat < 20; beat++) {
      time.advance(1500)
      pulse.messages++
    }
    expect(pulse.silences).to.deep.equal([])
  })

  it('tells when the space speaks again, and notices the next silence', () => {
    const { time, pulse, beats } = heartbeat()
    beats.start()
    time.advance(3000)
    expect(pulse.answers).to.equal(0)
    pulse.messages++
    time.advance(1000)
    expect(pulse.answers).to.equal(1)
    time.advance(2000)
    expect(pulse.silences).to.have.length(1)
    time.advance(1000)
    expect(pulse.silences).to.deep.equal([3000, 3000])
  })

  it('tells so also when what it said was its last answer', () => {
    const { time, pulse, beats } = heartbeat()
    beats.start()
    time.advance(3000)
    pulse.messages++
    pulse.isBusy = false
    time.advance(1000)
    expect(pulse.answers).to.equal(1)
    expect(time.pending).to.equal(0)
  })

  it('has no timer while there is nothing to do', () => {
    const { time, pulse, beats } = heartbeat()
    expect(time.pending).to.equal(0)
    beats.start()
    beats.start()
    expect(time.pending).to.equal(1)
    pulse.isBusy = false
    time.advance(1000)
    expect(time.pending).to.equal(0)
    pulse.isBusy = true
    beats.start()
    time.advance(2999)
    expect(pulse.silences).to.deep.equal([])
  })

  it('never takes a space for silent that was not asked, though one missed beat be enough', () => {
    const { time, pulse, beats } = heartbeat({ missed: 1 })
    beats.start()
    time.advance(1000)
    expect(pulse).to.include({ asked: 1 })
    expect(pulse.silences).to.deep.equal([])
    time.advance(1000)
    expect(pulse.silences).to.deep.equal([2000])
  })

  it('does not count beats that come late, because then the host itself stood still', () => {
    const { time, pulse, beats } = heartbeat()
    beats.start()
    for (let stall = 0; stall < 10; stall++) time.stall(5000)
    expect(pulse.silences).to.deep.equal([])
    time.advance(3000)
    expect(pulse.silences).to.have.length(1)
    time.stall(5000)
    expect(pulse.silences).to.have.length(1)
  })

  it('notices a silence by real timers with the shortest interval that the option takes', async () => {
    const timetable = new Timetable(now)
    const settings = parsePoolOptions({ heartbeat: { interval: 10, missed: 3 } }).heartbeat
    const silence = await new Promise<number>((silent) => {
      const pulse = {
        busy: () => true,
        heard: () => 0,
        ask: () => undefined,
        silent,
        answered: () => undefined
      }
      new Heartbeat(settings, now, timetable.schedule, pulse).start()
    })
    timetable.clear()
    expect(silence).to.be.at.least(30)
  })

  it('does nothing with an interval of Infinity, or when it was stopped', () => {
    const never = heartbeat({ interval: Infinity })
    never.beats.start()
    expect(never.time.pending).to.equal(0)
    const stopped = heartbeat()
    stopped.beats.start()
    stopped.beats.stop()
    expect(stopped.time.pending).to.equal(0)
  })
})
