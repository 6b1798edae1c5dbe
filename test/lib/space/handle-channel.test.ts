import type { ChildProcess } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { expect } from 'chai'
import { HandleChannel } from '../../../lib/space/handle-channel.js'
import { FakeTime } from '../../support/fake-time.js'

describe('Messages of process.send that nobody listens to', () => {
  let time: FakeTime
  let child: EventEmitter
  let violations: number

  beforeEach(() => {
    time = new FakeTime()
    child = Object.assign(new EventEmitter(), { connected: true })
    violations = 0
    new HandleChannel(child as ChildProcess, () => violations++, time.clock)
  })

  function hear(messages: number): void {
    for (let count = 0; count < messages; count++) child.emit('message', count, undefined)
  }

  it('may be 10 000 in each second', () => {
    for (let second = 0; second < 5; second++) {
      hear(10_000)
      time.advance(1001)
    }
    expect(violations).to.equal(0)
  })

  it('are a violation beyond that', () => {
    hear(10_000)
    expect(violations).to.equal(0)
    hear(1)
    expect(violations).to.equal(1)
  })

  it('are none when they piled up while this process stood still', () => {
    hear(9000)
    time.advance(8000)
    hear(80_000)
    expect(violations).to.equal(0)
    hear(1)
    expect(violations).to.equal(1)
  })

  it('have a bound after any pause', () => {
    time.advance(24 * 3_600_000)
    hear(300_000)
    expect(violations).to.equal(0)
    hear(1)
    expect(violations).to.equal(1)
  })

  it('are not counted while somebody listens to them', () => {
    child.on('message', () => undefined)
    hear(20_000)
    expect(violations).to.equal(0)
  })
})
