import { join } from 'node:path'
import { expect } from 'chai'
import { removeWrittenFolders, writtenFolder } from '../spaces/fixtures.js'
import { Gate, waitsAtLoad } from '../support/gate.js'
import { destroyPools, newPool } from '../support/pools.js'
import { errorOf, rejectionOf } from '../support/rejections.js'
import { nextEvent, within } from '../support/waiting.js'

const restart = { intensity: Infinity, minBackoff: 0, maxBackoff: 0 }

describe('A call that is aborted', () => {
  afterEach(destroyPools)

  it('rejects at once with the reason of the signal', async () => {
    const pool = newPool()
    await pool.add('plain-functions')
    const controller = new AbortController()
    const reason = { mine: true }
    const call = rejectionOf(pool.call('plain-functions', 'neverSettles', [], { signal: controller.signal }))
    let settled = false
    void call.then(() => (settled = true))
    controller.abort(reason)
    await new Promise((resolve) => setImmediate(resolve))
    expect(settled).to.equal(true)
    expect(await call).to.equal(reason)
  })

  it('rejects with an AbortError where the signal has no reason of its own', async () => {
    const pool = newPool()
    await pool.add('plain-functions')
    const controller = new AbortController()
    const call = pool.call('plain-functions', 'neverSettles', [], { signal: controller.signal })
    controller.abort()
    expect(await rejectionOf(call))
      .to.be.instanceOf(DOMException)
      .and.have.property('name', 'AbortError')
  })

  it('is not sent at all when the signal was aborted before', async () => {
    const pool = newPool()
    const set = await pool.add('plain-functions')
    const signal = AbortSignal.abort('too late')
    expect(await rejectionOf(set.call('plain-functions', 'counter.next', [], { signal }))).to.equal(
      'too late'
    )
    expect(await set.call('plain-functions', 'counter.next')).to.equal(1)
  })

  it('leaves a space alive whose event loop is free, and its late answer is dropped', async () => {
    const pool = newPool()
    const set = await pool.add('plain-functions')
    const controller = new AbortController()
    const call = rejectionOf(
      set.call('plain-functions', 'sleep', [30, 'late'], { signal: controller.signal })
    )
    const neighbour = set.call('plain-functions', 'sleep', [400, 'in time'])
    controller.abort('no longer wanted')
    expect(await call).to.equal('no longer wanted')
    expect(await neighbour).to.equal('in time')
    expect(set.stats()).to.include({ generation: 1, restarts: 0, inFlight: 0, errors: 1 })
  })

  it('makes room for the next one as soon as the space has heard of it', async () => {
    const pool = newPool({ concurrency: 1 })
    const set = await pool.add('plain-functions')
    const controller = new AbortController()
    const call = set.call('plain-functions', 'neverSettles', [], { signal: controller.signal })
    const waiting = set.call('plain-functions', 'add', [1, 2])
    controller.abort('no longer wanted')
    expect(await rejectionOf(call)).to.equal('no longer wanted')
    expect(await waiting).to.equal(3)
  })

  it('leaves the queue when it was waiting, and never runs', async () => {
    const pool = newPool({ concurrency: 1 })
    const set = await pool.add('plain-functions')
    const first = set.call('plain-functions', 'sleep', [20])
    const controller = new AbortController()
    const waiting = rejectionOf(
      set.call('plain-functions', 'counter.next', [], { signal: controller.signal })
    )
    const behind = set.call('plain-functions', 'counter.next')
    expect(set.stats().queued).to.equal(2)
    controller.abort('gone')
    expect(await waiting).to.equal('gone')
    expect(set.stats().queued).to.equal(1)
    await first
    expect(await behind).to.equal(1)
  })

  it('rejects at once while its set is still being added', async () => {
    const pool = newPool()
    const adding = pool.add('plain-functions')
    const controller = new AbortController()
    const call = rejectionOf(pool.call('plain-functions', 'add', [1, 2], { signal: controller.signal }))
    controller.abort('not needed')
    expect(await Promise.race([call, adding])).to.equal('not needed')
    await adding
  })

  it('rejects at once while its package is being added to a set', async () => {
    const pool = newPool()
    const set = await pool.add('plain-functions')
    const adding = set.add('esm-top-level-await')
    const controller = new AbortController()
    const call = rejectionOf(set.call('esm-top-level-await', 'when', [], { signal: controller.signal }))
    controller.abort('not needed')
    expect(await Promise.race([call, adding])).to.equal('not needed')
    await adding
    expect(await set.call('esm-top-level-await', 'evaluations')).to.equal(1)
  })

  it('leaves nothing behind in a signal that lives on', async () => {
    const pool = newPool()
    await pool.add('plain-functions')
    const { signal } = new AbortController()
    let listeners = 0
    const { addEventListener, removeEventListener } = signal
    Object.assign(signal, {
      addEventListener: (...given: Parameters<typeof addEventListener>) => {
        listeners++
        addEventListener.apply(signal, given)
      },
      removeEventListener: (...given: Parameters<typeof removeEventListener>) => {
        listeners--
        removeEventListener.apply(signal, given)
      }
    })
    const calls = [1, 2, 3].map((value) => pool.call('plain-functions', 'echo', [value], { signal }))
    expect(await Promise.all(calls)).to.deep.equal([1, 2, 3])
    expect(listeners).to.equal(0)
  })

  it('ends a space that it blocks; the neighbours are told why, and those that wait are served by the next', async () => {
    const pool = newPool({ restart, concurrency: 3 })
    const set = await pool.add(['blocks', 'plain-functions'])
    const exit = nextEvent(pool, 'spaceExit')
    const neighbours = [1, 2].map(() => rejectionOf(set.call('plain-functions', 'sleep', [10_000])))
    const controller = new AbortController()
    const blocking = rejectionOf(set.call('blocks', 'spinForever', [], { signal: controller.signal }))
    const waiting = set.call('blocks', 'ping')
    controller.abort('enough')
    expect(await blocking).to.equal('enough')
    const expected = { code: 'ERR_SPACEPOOL_SPACE_CRASHED', cause: 'neighbour-timeout', phase: 'written' }
    for (const neighbour of neighbours) expect(await neighbour).to.include(expected)
    expect(await waiting).to.equal('pong')
    expect(await exit).to.include({ reason: 'crash', cause: 'blocked', signal: 'SIGTERM' })
    expect(set.stats()).to.include({ generation: 2, restarts: 1 })
  })
})

describe('A call that times out', () => {
  afterEach(destroyPools)
  after(removeWrittenFolders)

  it('rejects at its deadline with what and how long', async () => {
    const pool = newPool()
    const set = await pool.add('plain-functions')
    const begun = performance.now()
    const call = set.call('plain-functions', 'neverSettles', [], { timeout: 60 })
    const error = await within(500, errorOf('ERR_SPACEPOOL_CALL_TIMEOUT', call))
    expect(performance.now() - begun).to.be.at.least(59)
    const { key } = set
    expect(error).to.include({
      package: 'plain-functions',
      path: 'neverSettles',
      timeout: 60,
      key,
      phase: 'written'
    })
  })

  it('leaves a space alive whose event loop is free, and its late answer is dropped', async () => {
    const pool = newPool({ concurrency: 2 })
    const set = await pool.add('plain-functions')
    const gate = new Gate()
    const waiting = (value: string, options = {}): Promise<unknown> =>
      set.call('plain-functions', 'whenThere', [gate.file, value], options)
    const neighbour = waiting('in time')
    await errorOf('ERR_SPACEPOOL_CALL_TIMEOUT', waiting('late', { timeout: 20 }))
    gate.open()
    expect(await set.call('plain-functions', 'sleep', [80, 'in its place'])).to.equal('in its place')
    expect(await neighbour).to.equal('in time')
    expect(set.stats()).to.include({ generation: 1, restarts: 0, inFlight: 0 })
  })

  it('never blocks its space for good, be it in a loop, in microtasks or in a wait: the next call is served', async () => {
    const pool = newPool({ restart, callTimeout: 50 })
    const paths = ['spinForever', 'spinForeverCatching', 'spinInMicrotasks', 'waitForever']
    const sets = await Promise.all(paths.map((path) => pool.add({ name: 'blocks', as: path })))
    await Promise.all(
      sets.map(async (set, index) => {
        const path = paths[index] as string
        await errorOf('ERR_SPACEPOOL_CALL_TIMEOUT', set.call(path, path))
        expect(await set.call(path, 'ping', [], { timeout: 20_000 })).to.equal('pong')
      })
    )
  })

  it('lets a space live that is blocked for less than its grace, and counts the call as in flight until then', async () => {
    const pool = newPool({ restart })
    const set = await pool.add('blocks')
    const gate = new Gate()
    const spinning = set.call('blocks', 'spinUntilThere', [gate.file], { timeout: 30 })
    await errorOf('ERR_SPACEPOOL_CALL_TIMEOUT', spinning)
    expect(set.stats().inFlight).to.equal(1)
    gate.open()
    expect(await set.call('blocks', 'ping')).to.equal('pong')
    expect(set.stats()).to.include({ generation: 1, inFlight: 0 })
  })

  it('counts the time that it waits in the queue, and says so', async () => {
    const pool = newPool({ concurrency: 1 })
    const set = await pool.add('plain-functions')
    const gate = new Gate()
    const first = set.call('plain-functions', 'whenThere', [gate.file])
    const waiting = set.call('plain-functions', 'add', [1, 2], { timeout: 20 })
    expect(await errorOf('ERR_SPACEPOOL_CALL_TIMEOUT', waiting)).to.include({ phase: 'queued', timeout: 20 })
    gate.open()
    await first
  })

  it('counts the time that its package takes to be added to a set', async () => {
    const gate = new Gate()
    const folder = writtenFolder({ 'slow.mjs': waitsAtLoad(gate) })
    const pool = newPool()
    const set = await pool.add('plain-functions')
    const adding = set.add({ name: join(folder, 'slow.mjs'), as: 'slow' })
    const call = set.call('slow', 'loaded', [], { timeout: 10 })
    expect(await errorOf('ERR_SPACEPOOL_CALL_TIMEOUT', call)).to.include({ phase: 'queued' })
    gate.open()
    await adding
  })

  it('has the time of its own options, else of its set, else of its pool; Infinity is none', async () => {
    const pool = newPool({ callTimeout: 20 })
    const [ofPool, ofSet] = await Promise.all([
      pool.add('plain-functions'),
      pool.add({ name: 'plain-functions', as: 'slow' }, { callTimeout: 40 })
    ])
    const timeoutOf = async (call: Promise<unknown>): Promise<number> =>
      (await errorOf('ERR_SPACEPOOL_CALL_TIMEOUT', call)).timeout
    expect(await timeoutOf(ofPool.call('plain-functions', 'neverSettles'))).to.equal(20)
    expect(await timeoutOf(ofSet.call('slow', 'neverSettles'))).to.equal(40)
    expect(await timeoutOf(ofSet.call('slow', 'neverSettles', [], { timeout: 10 }))).to.equal(10)
    expect(await ofPool.call('plain-functions', 'sleep', [60, 'ok'], { timeout: Infinity })).to.equal('ok')
  })

  it('does not disturb the calls of other sets', async () => {
    const pool = newPool({ restart })
    const [healthy, blocked] = await Promise.all([pool.add('plain-functions'), pool.add('blocks')])
    const add = async (count: number): Promise<void> => {
      expect(await healthy.call('plain-functions', 'add', [count, 1])).to.equal(count + 1)
    }
    const gate = new Gate()
    let isBlocked = true
    const spinning = blocked.call('blocks', 'spinUntilThere', [gate.file]).then(() => (isBlocked = false))
    for (let count = 0; count < 50; count++) await add(count)
    expect(isBlocked).to.equal(true)
    gate.open()
    await spinning
    let over = false
    const calling = (async () => {
      for (let count = 0; !over; count++) await add(count)
    })()
    await errorOf('ERR_SPACEPOOL_CALL_TIMEOUT', blocked.call('blocks', 'spinForever', [], { timeout: 100 }))
    expect(await blocked.call('blocks', 'ping')).to.equal('pong')
    over = true
    await calling
    expect(healthy.stats()).to.include({ errors: 0, generation: 1 })
  })
})
