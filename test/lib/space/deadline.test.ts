import { expect } from 'chai'
import { Deadline } from '../../../lib/space/deadline.js'
import type { Schedule } from '../../../lib/space/schedule.js'

describe('A deadline', () => {
  it('gives the result that comes before it, and does not pass any more', async () => {
    const { schedule, waiting } = timers()
    const deadline = new Deadline({ timeout: 100, schedule })
    expect([...waiting.keys()]).to.deep.equal([100])
    expect(await deadline.bound(Promise.resolve('result'))).to.equal('result')
    expect([waiting.size, deadline.isPassed]).to.deep.equal([0, false])
  })

  it('hands on a failure', async () => {
    const { schedule, waiting } = timers()
    const bound = new Deadline({ timeout: 100, schedule }).bound(Promise.reject(new Error('failure')))
    expect(await bound.catch((error: Error) => error.message)).to.equal('failure')
    expect(waiting.size).to.equal(0)
  })

  it('gives undefined when it passes before', async () => {
    const { schedule, waiting } = timers()
    const deadline = new Deadline({ timeout: 100, schedule })
    const bound = deadline.bound(new Promise(() => undefined))
    waiting.get(100)?.()
    expect([await bound, await deadline.passed, deadline.isPassed]).to.deep.equal([
      undefined,
      undefined,
      true
    ])
  })
})

function timers(): { schedule: Schedule; waiting: Map<number, () => void> } {
  const waiting = new Map<number, () => void>()
  const schedule: Schedule = (milliseconds, then) => {
    waiting.set(milliseconds, then)
    return () => void waiting.delete(milliseconds)
  }
  return { schedule, waiting }
}
