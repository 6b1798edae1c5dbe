import { expect } from 'chai'
import { destroyPools, newPool } from '../support/pools.js'
import { rejectionOf } from '../support/rejections.js'
import { until } from '../support/waiting.js'

describe('An AbortSignal among the parameters', () => {
  afterEach(destroyPools)

  it('is an AbortSignal in the space', async () => {
    const set = await newPool().add('heeds-signals')
    const { signal } = new AbortController()
    expect(await set.call('heeds-signals', 'kind', [signal])).to.deep.equal([true, false, undefined])
    const aborted = AbortSignal.abort('before')
    expect(await set.call('heeds-signals', 'kind', [aborted])).to.deep.equal([true, true, 'before'])
  })

  it('tells the package when it is aborted, with the reason', async () => {
    const set = await newPool().add('heeds-signals')
    const controller = new AbortController()
    const waiting = set.call('heeds-signals', 'wait', [controller.signal])
    controller.abort({ why: 'enough' })
    expect(await waiting).to.deep.equal({ why: 'enough' })
  })

  it('that is the signal of the call as well ends the call here and tells the package there', async () => {
    const set = await newPool().add('heeds-signals')
    const controller = new AbortController()
    const { signal } = controller
    const call = rejectionOf(set.call('heeds-signals', 'wait', [signal], { signal }))
    await set.call('heeds-signals', 'kind', [signal])
    controller.abort('stop')
    expect(await call).to.equal('stop')
    expect(await set.call('heeds-signals', 'heard')).to.deep.equal(['stop'])
    expect(set.stats()).to.include({ generation: 1, inFlight: 0 })
  })

  it('is one and the same within a call', async () => {
    const set = await newPool().add('values')
    const { signal } = new AbortController()
    const [left, right] = await set.call<[AbortSignal, AbortSignal]>('values', 'echo', [[signal, signal]])
    expect(left).to.be.an.instanceof(AbortSignal)
    expect(left).to.equal(right)
  })

  it('is listened to no longer than its space lives', async () => {
    const pool = newPool()
    const set = await pool.add('heeds-signals')
    const { signal } = new AbortController()
    let listeners = 0
    const { addEventListener, removeEventListener } = AbortSignal.prototype
    signal.addEventListener = (...parameters: Parameters<typeof addEventListener>) => {
      listeners++
      addEventListener.apply(signal, parameters)
    }
    signal.removeEventListener = (...parameters: Parameters<typeof removeEventListener>) => {
      listeners--
      removeEventListener.apply(signal, parameters)
    }
    await set.call('heeds-signals', 'kind', [signal])
    await until(() => listeners === 1)
    await set.evict()
    expect(listeners).to.equal(0)
  })
})
