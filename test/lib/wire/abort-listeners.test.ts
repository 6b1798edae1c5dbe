import { expect } from 'chai'
import { getEventListeners } from 'node:events'
import { onAbort } from '../../../lib/wire/abort-listeners.js'
import { subscriptionTo } from '../../../lib/wire/abort-signals.js'
import { tellReleased } from '../../../lib/wire/released.js'

function listenersOf(signal: AbortSignal): number {
  return getEventListeners(signal, 'abort').length
}

describe('Those who wait for a signal to be aborted', () => {
  it('are told in their order, except those who wait no longer, by one listener of the signal', () => {
    const controller = new AbortController()
    const { signal } = controller
    const told: number[] = []
    const stops = Array.from({ length: 20 }, (unused, place) => onAbort(signal, () => told.push(place)))
    for (const stop of stops.slice(2)) stop()
    expect(listenersOf(signal)).to.equal(1)
    controller.abort()
    expect([told, listenersOf(signal)]).to.deep.equal([[0, 1], 0])
    for (const stop of stops) stop()
  })

  it('may stop each other while they are told', () => {
    const controller = new AbortController()
    const told: string[] = []
    onAbort(controller.signal, () => {
      told.push('first')
      stop()
    })
    const stop = onAbort(controller.signal, () => told.push('second'))
    controller.abort()
    expect(told).to.deep.equal(['first'])
  })

  it('leave nothing at the signal when they wait no longer, and may wait again', () => {
    const controller = new AbortController()
    const { signal } = controller
    const told: string[] = []
    const tell = (): void => void told.push('told')
    const stops = [onAbort(signal, tell), onAbort(signal, tell)]
    for (const stop of [...stops, ...stops]) stop()
    expect(listenersOf(signal)).to.equal(0)
    onAbort(signal, tell)
    controller.abort()
    expect(told).to.deep.equal(['told'])
  })

  it('are one for each signal that crossed, however often the other side asks for it', () => {
    const controller = new AbortController()
    const { signal } = controller
    const subscribe = subscriptionTo(signal)
    const told: unknown[] = []
    for (let time = 0; time < 500; time++) {
      Reflect.apply(subscribe, undefined, [(reason: unknown) => told.push([time, reason])])
    }
    expect(listenersOf(signal)).to.equal(1)
    controller.abort('enough')
    expect(told).to.deep.equal([[499, 'enough']])
    const other = new AbortController()
    const another = subscriptionTo(other.signal)
    for (let time = 0; time < 500; time++) {
      Reflect.apply(another, undefined, [() => told.push('too late')])
    }
    tellReleased(another)
    expect(listenersOf(other.signal)).to.equal(0)
  })
})
