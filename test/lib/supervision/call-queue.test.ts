import { expect } from 'chai'
import fc from 'fast-check'
import { CallQueue } from '../../../lib/supervision/call-queue.js'
import type { PendingCall } from '../../../lib/supervision/pending-call.js'

/** The parts of a call that a queue knows. */
function callOf(size = 1): PendingCall {
  return { state: 'queued', size } as unknown as PendingCall
}

describe('A queue of calls', () => {
  it('gives them in order, and counts them and their bytes', () => {
    const queue = new CallQueue()
    const calls = [10, 20, 30].map(callOf)
    for (const call of calls) queue.push(call)
    expect(queue).to.include({ length: 3, bytes: 60 })
    expect(queue.peek()).to.equal(calls[0])
    expect(queue.shift()).to.equal(calls[0])
    expect(queue).to.include({ length: 2, bytes: 50 })
    expect(queue.takeAll()).to.deep.equal(calls.slice(1))
    expect(queue).to.include({ length: 0, bytes: 0 })
    expect(queue.shift()).to.equal(undefined)
  })

  it('passes over those that do not wait any more', () => {
    const queue = new CallQueue()
    const calls = [1, 2, 3].map(callOf)
    for (const call of calls) queue.push(call)
    for (const call of calls.slice(0, 2)) {
      call.state = 'settled'
      queue.left(call)
    }
    expect(queue).to.include({ length: 1, bytes: 3 })
    expect(queue.shift()).to.equal(calls[2])
  })

  it('takes one back to the front', () => {
    const queue = new CallQueue()
    const calls = [1, 2, 3].map(callOf)
    for (const call of calls) queue.push(call)
    queue.unshift(queue.shift() as PendingCall)
    expect(queue.takeAll()).to.deep.equal(calls)
    queue.unshift(calls[1] as PendingCall)
    expect(queue.takeAll()).to.deep.equal([calls[1]])
  })

  it('holds the calls that a plain list would, whatever comes and goes', () => {
    const step = fc.constantFrom('push', 'push', 'push', 'unshift', 'shift', 'leave')
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), fc.nat(2000), (steps, before) => {
        const queue = new CallQueue()
        const plain: PendingCall[] = []
        // Enough before it for the unused places to be taken back on the way.
        for (let count = 0; count < before; count++) queue.push(callOf())
        for (let count = 0; count < before; count++) queue.shift()
        for (const [index, action] of steps.entries()) {
          const call = callOf(index)
          if (action === 'push') queue.push(call)
          if (action === 'push') plain.push(call)
          if (action === 'unshift') queue.unshift(call)
          if (action === 'unshift') plain.unshift(call)
          if (action === 'shift') expect(queue.shift()).to.equal(plain.shift())
          if (action === 'leave' && plain.length > 0) {
            const [victim] = plain.splice(index % plain.length, 1) as [PendingCall]
            victim.state = 'settled'
            queue.left(victim)
          }
          expect(queue.length).to.equal(plain.length)
          expect(queue.bytes).to.equal(plain.reduce((sum, { size }) => sum + size, 0))
        }
        expect(queue.takeAll()).to.deep.equal(plain)
      }),
      { numRuns: 200 }
    )
  })

  it('keeps no more places than it needs while it never gets empty', () => {
    const queue = new CallQueue()
    queue.push(callOf())
    for (let count = 0; count < 10_000; count++) {
      queue.push(callOf())
      queue.shift()
    }
    const { calls } = queue as unknown as { calls: unknown[] }
    expect(calls.length).to.be.below(4096)
    expect(queue.length).to.equal(1)
  })

  it('keeps no more places than it needs while one waits before many that leave', () => {
    const queue = new CallQueue()
    const first = callOf()
    queue.push(first)
    for (let count = 0; count < 10_000; count++) {
      const call = callOf()
      queue.push(call)
      queue.left(call)
      call.state = 'settled'
    }
    const { calls } = queue as unknown as { calls: unknown[] }
    expect(calls.length).to.be.below(4096)
    expect(queue.takeAll()).to.deep.equal([first])
  })
})
