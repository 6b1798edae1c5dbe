import { expect } from 'chai'
import { RestartBackoff } from '../../../lib/supervision/restart-backoff.js'
import { FakeTime } from '../../support/fake-time.js'

function begin() {
  const time = new FakeTime()
  /** When it was over, and how many restarts were due then. */
  const over: [at: number, due: number][] = []
  const backoff: RestartBackoff = new RestartBackoff(time.clock, time.schedule, () => {
    over.push([time.now, backoff.takeDue()])
  })
  return { time, over, backoff }
}

describe('The backoff of restarts', () => {
  it('lets everything start when nothing crashed', () => {
    const { time, backoff } = begin()
    expect(backoff.mustWait()).to.equal(false)
    expect(backoff.takeDue()).to.equal(0)
    expect(time.pending).to.equal(0)
  })

  it('has a restart without a wait due at once', () => {
    const { time, backoff } = begin()
    backoff.owe(0)
    expect(backoff.takeDue()).to.equal(1)
    expect(backoff.takeDue()).to.equal(0)
    expect(time.pending).to.equal(0)
  })

  it('has each restart due at its own moment, in whatever order they were decided on', () => {
    const { time, over, backoff } = begin()
    for (const delay of [300, 100, 100]) {
      backoff.owe(delay)
      expect(backoff.takeDue()).to.equal(0)
      expect(backoff.mustWait()).to.equal(true)
    }
    expect(time.pending).to.equal(1)
    time.advance(1000)
    expect(over).to.deep.equal([
      [100, 2],
      [300, 1]
    ])
    expect(backoff.mustWait()).to.equal(false)
  })

  it('holds back other starts after a crash that nobody missed, for the longest wait', () => {
    const { time, over, backoff } = begin()
    backoff.hold(200)
    backoff.hold(50)
    expect(time.pending).to.equal(0)
    expect(backoff.mustWait()).to.equal(true)
    expect(backoff.mustWait()).to.equal(true)
    time.advance(1000)
    expect(over).to.deep.equal([[200, 0]])
  })

  it('still holds back what waits for longer when a restart was due before', () => {
    const { time, over, backoff } = begin()
    backoff.hold(200)
    backoff.mustWait()
    backoff.owe(50)
    backoff.takeDue()
    time.advance(50)
    expect(over).to.deep.equal([[50, 1]])
    expect(backoff.mustWait()).to.equal(true)
    time.advance(150)
    expect(over.at(-1)).to.deep.equal([200, 0])
  })

  it('owes nothing that is forgone, and still tells those who wait when it is over', () => {
    const { time, over, backoff } = begin()
    for (const delay of [100, 300]) {
      backoff.owe(delay)
      backoff.takeDue()
    }
    expect(backoff.mustWait()).to.equal(true)
    backoff.forgo()
    time.advance(100)
    expect(over).to.deep.equal([[100, 0]])
    expect(backoff.mustWait()).to.equal(true)
    time.advance(200)
    expect(over.at(-1)).to.deep.equal([300, 0])
    expect(backoff.mustWait()).to.equal(false)
  })

  it('forgets everything when it is cleared', () => {
    const { time, over, backoff } = begin()
    backoff.owe(100)
    backoff.takeDue()
    backoff.hold(1000)
    backoff.clear()
    expect(backoff.mustWait()).to.equal(false)
    time.advance(1e6)
    expect(over).to.deep.equal([])
  })
})
