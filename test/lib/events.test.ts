import { expect } from 'chai'
import { EventEmitter } from 'eventemitter3'
import { isSpacePoolError } from '../../lib/errors.js'
import { Emitter, type Announce, type CloseEvent } from '../../lib/events.js'
import { thrownBy } from '../support/thrown-by.js'

class Source extends Emitter {
  readonly tell: Announce = (name, event) => this.announce(name, event)
}

describe('The events of a pool', () => {
  it('come from an emitter of eventemitter3', () => expect(new Source()).to.be.instanceOf(EventEmitter))

  it('reach every listener with one frozen object', () => {
    const source = new Source()
    const heard: CloseEvent[] = []
    source.on('close', (event) => heard.push(event))
    source.addListener('close', (event) => heard.push(event))
    source.tell('close', { failed: 2 })
    expect(heard).to.deep.equal([{ failed: 2 }, { failed: 2 }])
    expect(heard[0]).to.equal(heard[1]).and.to.be.frozen
  })

  it('need no listener, not even an error', () => {
    const event = { error: new Error('no'), key: null, id: null, dropped: 0 }
    expect(() => new Source().tell('error', event)).not.to.throw()
  })

  it('reach a listener of once only once, in its context', () => {
    const source = new Source()
    const context = { heard: 0 }
    source.once(
      'close',
      function (this: typeof context) {
        this.heard++
      },
      context
    )
    source.tell('close', { failed: 0 })
    source.tell('close', { failed: 0 })
    expect(context.heard).to.equal(1)
    expect(source.listenerCount('close')).to.equal(0)
  })

  it('stop reaching a listener that was taken off, by the function that was put on', () => {
    for (const off of ['off', 'removeListener'] as const) {
      const source = new Source()
      const heard: string[] = []
      const first = () => heard.push('first')
      source
        .on('close', first)
        .once('close', first)
        .on('close', () => heard.push('second'))
      expect(source.listeners('close')).to.have.length(3).and.include(first)
      source[off]('close', first, undefined, true)
      expect(source.listeners('close')).to.have.length(2)
      source[off]('close', first)
      source.tell('close', { failed: 0 })
      expect(heard).to.deep.equal(['second'])
      source[off]('close')
      expect(source.listenerCount('close')).to.equal(0)
    }
  })

  it('rethrow what a listener throws outside the pool, and still reach the other listeners', async () => {
    const source = new Source()
    const failure = new Error('thrown by a listener')
    const heard: string[] = []
    source.on('close', () => {
      throw failure
    })
    source.once('close', () => {
      throw failure
    })
    source.on('close', () => heard.push('last'))
    const uncaught = await uncaughtAfter(2, () => source.tell('close', { failed: 0 }))
    expect(heard).to.deep.equal(['last'])
    expect(uncaught).to.deep.equal([failure, failure])
  })

  it('ask for a function as a listener', () => {
    const error = thrownBy(() => new Source().on('close', 'listener' as never))
    expect(isSpacePoolError(error, 'ERR_SPACEPOOL_INVALID_ARGUMENT')).to.be.true
  })

  it('are typed by name', () => {
    const source = new Source()
    source.on('spaceEvict', ({ reason, idle, stateLost }) => [
      reason satisfies string,
      idle.toFixed(),
      stateLost satisfies true
    ])
    // @ts-expect-error: there is no event of this name
    source.on('spaceGone', () => {})
    // @ts-expect-error: the event has no such member
    source.on('close', (event) => expect(event.reason).to.be.undefined)
  })
})

/** Acts, and resolves with the next so many uncaught exceptions, which mocha then does not see. */
async function uncaughtAfter(count: number, act: () => void): Promise<unknown[]> {
  const others = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  const uncaught: unknown[] = []
  try {
    await new Promise<void>((resolve) => {
      process.on('uncaughtException', (error) => {
        if (uncaught.push(error) === count) resolve()
      })
      act()
    })
  } finally {
    process.removeAllListeners('uncaughtException')
    for (const listener of others) process.on('uncaughtException', listener)
  }
  return uncaught
}
