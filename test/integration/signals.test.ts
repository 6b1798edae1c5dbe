import { expect } from 'chai'
import type { PackageSet } from '../../lib/package-set.js'
import type { Remote } from '../../lib/remote.js'
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

  it('is aborted there when its call takes too long, and when the call is aborted, though nobody aborts it here', async () => {
    const set = await newPool().add('heeds-signals')
    const { signal } = new AbortController()
    await rejectionOf(set.call('heeds-signals', 'wait', [signal], { timeout: 50 }))
    const controller = new AbortController()
    const call = rejectionOf(set.call('heeds-signals', 'wait', [signal], { signal: controller.signal }))
    await set.call('heeds-signals', 'kind', [signal])
    controller.abort()
    await call
    const heard = await set.call<Error[]>('heeds-signals', 'heard')
    expect(heard.map(({ name }) => name)).to.deep.equal(['AbortError', 'AbortError'])
    expect(set.stats()).to.include({ generation: 1, inFlight: 0 })
  })

  it('may be given to many calls at a time, as their option and among their parameters, without a warning', async () => {
    const set = await newPool().add('heeds-signals')
    const { signal } = new AbortController()
    const warnings: string[] = []
    const warned = ({ message }: Error): void => void warnings.push(message)
    process.on('warning', warned)
    try {
      const calls = Array.from({ length: 40 }, () => set.call('heeds-signals', 'kind', [signal], { signal }))
      await Promise.all(calls)
      await new Promise((resolve) => setImmediate(resolve))
      expect(warnings).to.deep.equal([])
    } finally {
      process.off('warning', warned)
    }
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

describe('An AbortSignal within a chain', () => {
  let set: PackageSet
  let remote: Remote<HeedsSignals>

  before(async () => {
    set = await newPool().add('heeds-signals')
    remote = set.use<HeedsSignals>('heeds-signals')
  })
  after(destroyPools)

  it('that was aborted before is aborted in the space, with the reason', async () => {
    const { signal } = new AbortController()
    expect(await remote.kind(signal)).to.deep.equal([true, false, undefined])
    expect(await remote.kind(AbortSignal.abort('before'))).to.deep.equal([true, true, 'before'])
    expect(await remote.wait(AbortSignal.abort({ why: 'before' }))).to.deep.equal({ why: 'before' })
  })

  it('tells the package when it is aborted meanwhile, in whichever step and however deep it was given', async () => {
    const controller = new AbortController()
    const reason = remote.wait(controller.signal)
    const waiting = Promise.all([reason, remote.kindWithin({ deep: [controller.signal] }, reason)])
    await remote.heard()
    controller.abort('during')
    expect(await waiting).to.deep.equal(['during', [true, true, 'during']])
    expect(await remote.heard()).to.deep.equal(['during'])
  })

  it('that is aborted in the tick in which the chain was written is aborted there, too', async () => {
    const controller = new AbortController()
    const waiting = remote.wait(controller.signal)
    controller.abort('at once')
    expect(await waiting).to.equal('at once')
    await remote.heard()
  })

  it('tells the package that kept it when it is aborted after the chain has settled', async () => {
    const controller = new AbortController()
    expect(await remote.keep(controller.signal)).to.equal(undefined)
    expect(await remote.heard()).to.deep.equal([])
    controller.abort('after')
    expect(await remote.waitForKept()).to.equal('after')
    expect(await remote.heard()).to.deep.equal(['after'])
    expect(set.stats()).to.include({ generation: 1, inFlight: 0 })
  })
})

/** What the package of the fixtures exports. */
interface HeedsSignals {
  wait(signal: AbortSignal): Promise<unknown>
  kind(signal: AbortSignal): [isOne: boolean, isAborted: boolean, reason: unknown]
  kindWithin(holder: { deep: AbortSignal[] }, after: unknown): [boolean, boolean, unknown]
  keep(signal: AbortSignal): void
  waitForKept(): Promise<unknown>
  heard(): unknown[]
}
