import { expect } from 'chai'
import type { SpacePoolOptions } from '../../lib/options.js'
import type { SpacePool } from '../../lib/space-pool.js'
import { destroyPools, newPool } from '../support/pools.js'
import { errorOf, rejectionOf } from '../support/rejections.js'
import { nextEvent, within } from '../support/waiting.js'

/** Its name was another one when it was new. */
const permission = process.allowedNodeEnvironmentFlags.has('--permission')
  ? '--permission'
  : '--experimental-permission'

const restart = { intensity: Infinity, minBackoff: 0, maxBackoff: 0 }

async function after(...times: number[]): Promise<void> {
  for (const time of times) await new Promise((resolve) => setTimeout(resolve, time))
}

/** The steps that are told, and the end of spaces, in order. */
function told(pool: SpacePool): string[] {
  const steps: string[] = []
  pool.on('spaceUnresponsive', ({ step }) => steps.push(step))
  pool.on('spaceExit', ({ reason, cause, signal, exitCode, stderr }) => {
    // On a busy machine a process may be gone 500 ms after its SIGTERM and this one not know it yet.
    if (signal === 'SIGTERM' && steps.at(-1) === 'kill') steps.pop()
    steps.push(`${reason} ${cause} ${signal ?? `${exitCode} ${stderr}`}`)
  })
  pool.on('spaceReady', ({ generation }) => steps.push(`ready ${generation}`))
  return steps
}

describe('A call that times out because its space is blocked', () => {
  afterEach(destroyPools)

  it('rejects after its deadline, and at most 50 ms later', async () => {
    const pool = newPool({ restart })
    const set = await pool.add('blocks')
    const begun = performance.now()
    const call = errorOf(
      'ERR_SPACEPOOL_CALL_TIMEOUT',
      set.call('blocks', 'spinForever', [], { timeout: 200 })
    )
    // By timers of this process, one after the other, which are as late as the pool's own when the machine is busy.
    const late = after(200, ...new Array<number>(10).fill(5)).then(() => 'too late')
    expect(await Promise.race([call, late])).to.include({ phase: 'written', timeout: 200 })
    expect(performance.now() - begun).to.be.at.least(199)
  })

  const hangs: [title: string, path: string][] = [
    ['a loop', 'spinForever'],
    ['a loop that catches everything', 'spinForeverCatching'],
    ['a chain of microtasks', 'spinInMicrotasks']
  ]
  for (const [title, path] of hangs) {
    it(`has the stack of what blocks the space: ${title}`, async () => {
      const pool = newPool({ restart, callTimeout: 50 })
      await pool.add('blocks')
      const step = nextEvent(pool, 'spaceUnresponsive')
      const error = await errorOf('ERR_SPACEPOOL_CALL_TIMEOUT', pool.call('blocks', path))
      const stack = (await step).remoteStack
      expect(stack).to.match(new RegExp(`^ {4}at .*${path} \\(.*blocks[\\\\/]index\\.js:\\d+:\\d+\\)`))
      expect(stack).to.not.include('main.cjs')
      // Who waits for the call is told after 40 ms, in which a busy machine may not have found it.
      if (error.remoteStack !== undefined) expect(error.remoteStack).to.equal(stack)
    })
  }

  it('has no stack when the space is not blocked', async () => {
    const pool = newPool()
    const set = await pool.add('plain-functions')
    const call = set.call('plain-functions', 'neverSettles', [], { timeout: 50 })
    expect((await errorOf('ERR_SPACEPOOL_CALL_TIMEOUT', call)).remoteStack).to.equal(undefined)
  })
})

describe('A space that is blocked by a call that nobody waits for', () => {
  afterEach(destroyPools)

  it('is interrupted when nothing else is lost, and lives on with its state', async () => {
    const pool = newPool({ restart })
    const set = await pool.add(['blocks', 'plain-functions'])
    const pid = pool.stats().spaces[0]?.pid
    await set.call('plain-functions', 'counter.next')
    const steps = told(pool)
    const step = nextEvent(pool, 'spaceUnresponsive')
    await errorOf('ERR_SPACEPOOL_CALL_TIMEOUT', set.call('blocks', 'spinForever', [], { timeout: 50 }))
    expect(await set.call('plain-functions', 'counter.next')).to.equal(2)
    expect(pool.stats().spaces[0]?.pid).to.equal(pid)
    expect(steps).to.deep.equal(['abort', 'interrupt'])
    expect(await step).to.include({ step: 'abort', key: set.key, pid, generation: 1 })
    expect((await step).remoteStack).to.include('spinForever')
    expect(set.stats()).to.include({ generation: 1, restarts: 0, inFlight: 0 })
  })

  it('is interrupted after an abort, too, also out of a wait for another thread', async () => {
    const pool = newPool({ restart })
    const set = await pool.add('blocks')
    const steps = told(pool)
    const controller = new AbortController()
    const call = rejectionOf(set.call('blocks', 'waitForever', [], { signal: controller.signal }))
    setTimeout(() => controller.abort('enough'), 20)
    expect(await call).to.equal('enough')
    expect(await set.call('blocks', 'ping')).to.equal('pong')
    expect(steps).to.deep.equal(['abort', 'interrupt'])
  })

  it('is ended when a neighbour is in flight, which is told so', async () => {
    const pool = newPool({ restart })
    const set = await pool.add(['blocks', 'plain-functions'])
    const steps = told(pool)
    const neighbour = errorOf('ERR_SPACEPOOL_SPACE_CRASHED', set.call('plain-functions', 'neverSettles'))
    await errorOf('ERR_SPACEPOOL_CALL_TIMEOUT', set.call('blocks', 'spinForever', [], { timeout: 50 }))
    expect(await neighbour).to.include({ cause: 'neighbour-timeout', phase: 'written', signal: 'SIGTERM' })
    expect(await set.call('blocks', 'ping')).to.equal('pong')
    expect(steps).to.deep.equal(['abort', 'terminate', 'crash blocked SIGTERM', 'ready 2'])
  })

  it('is ended while a package is being added, whose microtasks an interrupt would take: that is told so', async () => {
    const pool = newPool({ restart })
    const set = await pool.add('blocks')
    const steps = told(pool)
    const addition = errorOf('ERR_SPACEPOOL_SPACE_CRASHED', set.add('esm-never-loads'))
    await errorOf('ERR_SPACEPOOL_CALL_TIMEOUT', set.call('blocks', 'spinForever', [], { timeout: 50 }))
    expect(await within(10_000, addition)).to.include({ cause: 'neighbour-timeout', phase: 'loading' })
    expect(await set.call('blocks', 'ping')).to.equal('pong')
    expect(steps).to.deep.equal(['abort', 'terminate', 'crash blocked SIGTERM', 'ready 2'])
    expect(set.packages).to.deep.equal(['blocks'])
  })

  it('is ended when it holds a callback', async () => {
    const pool = newPool({ restart })
    const set = await pool.add(['blocks', 'callbacks'])
    await set.call('callbacks', 'keep', [() => undefined])
    const steps = told(pool)
    await errorOf('ERR_SPACEPOOL_CALL_TIMEOUT', set.call('blocks', 'spinForever', [], { timeout: 50 }))
    expect(await set.call('callbacks', 'keepsOne')).to.equal(false)
    expect(steps).to.deep.equal(['abort', 'terminate', 'crash blocked SIGTERM', 'ready 2'])
  })

  it('is killed when a package in it catches SIGTERM', async () => {
    const pool = newPool({ restart })
    const set = await pool.add(['blocks', 'ignores-signals', 'plain-functions'])
    const steps = told(pool)
    const neighbour = errorOf('ERR_SPACEPOOL_SPACE_CRASHED', set.call('plain-functions', 'neverSettles'))
    await errorOf('ERR_SPACEPOOL_CALL_TIMEOUT', set.call('blocks', 'spinForever', [], { timeout: 50 }))
    expect(await neighbour).to.include({ cause: 'neighbour-timeout', signal: 'SIGKILL' })
    expect(await set.call('blocks', 'ping')).to.equal('pong')
    expect(steps).to.deep.equal(['abort', 'terminate', 'kill', 'crash blocked SIGKILL', 'ready 2'])
  })

  it('is ended where Node would not survive an interrupt, below a timer', async () => {
    const pool = newPool({ restart, callTimeout: 50 })
    const set = await pool.add('blocks')
    const steps = told(pool)
    await set.call('blocks', 'spinLater', [1], { timeout: 20_000 })
    while ((await set.call('blocks', 'ping').catch(() => 'blocked')) === 'pong');
    expect(await set.call('blocks', 'ping', [], { timeout: 20_000 })).to.equal('pong')
    expect(steps).to.deep.equal(['abort', 'terminate', 'crash blocked SIGTERM', 'ready 2'])
  })

  const blind: [title: string, options: SpacePoolOptions][] = [
    ['without its standard error', { stdio: 'ignore' }],
    ['under a permission model', { execArgv: [permission, '--allow-fs-read=*'] }]
  ]
  for (const [title, options] of blind) {
    it(`is ended where it cannot be looked into, ${title}, and nobody is told a stack`, async () => {
      const pool = newPool({ restart, ...options })
      const set = await pool.add('blocks')
      const stacks: unknown[] = []
      const steps = told(pool)
      pool.on('spaceUnresponsive', ({ remoteStack }) => stacks.push(remoteStack))
      const call = set.call('blocks', 'spinForever', [], { timeout: 50 })
      expect((await errorOf('ERR_SPACEPOOL_CALL_TIMEOUT', call)).remoteStack).to.equal(undefined)
      expect(await set.call('blocks', 'ping')).to.equal('pong')
      expect(new Set(stacks)).to.deep.equal(new Set([null]))
      expect(steps).to.deep.equal(['abort', 'terminate', 'crash blocked SIGTERM', 'ready 2'])
      expect(set.stats()).to.include({ generation: 2, restarts: 1 })
    })
  }

  it('has not crashed when it was asked to end meanwhile, though it is ended for being blocked', async () => {
    const pool = newPool({ restart, stop: { ask: 60_000 } })
    const set = await pool.add(['blocks', 'plain-functions'])
    const steps = told(pool)
    const neighbour = errorOf('ERR_SPACEPOOL_SPACE_STOPPED', set.call('plain-functions', 'neverSettles'))
    await errorOf('ERR_SPACEPOOL_CALL_TIMEOUT', set.call('blocks', 'spinForever', [], { timeout: 50 }))
    await set.evict()
    expect(await neighbour).to.include({ reason: 'evict' })
    expect(steps).to.deep.equal(['abort', 'terminate', 'evict null SIGTERM'])
    expect(set.stats()).to.include({ restarts: 0, evictions: 1 })
  })

  it('is interrupted again when it is blocked again', async () => {
    const pool = newPool({ restart, callTimeout: 50 })
    const set = await pool.add('blocks')
    const steps = told(pool)
    for (const path of ['spinForever', 'spinInMicrotasks', 'spinForeverCatching']) {
      await errorOf('ERR_SPACEPOOL_CALL_TIMEOUT', set.call('blocks', path))
      expect(await set.call('blocks', 'ping', [], { timeout: 20_000 })).to.equal('pong')
    }
    expect(steps).to.deep.equal(['abort', 'interrupt', 'abort', 'interrupt', 'abort', 'interrupt'])
  })

  it('makes no difference to the calls of another space', async () => {
    const pool = newPool({ restart })
    const [healthy, blocked] = await Promise.all([pool.add('plain-functions'), pool.add('blocks')])
    let over = false
    let answered = 0
    const calling = (async () => {
      for (let count = 0; !over; count++) {
        expect(await healthy.call('plain-functions', 'add', [count, 1])).to.equal(count + 1)
        answered++
        await new Promise((resolve) => setTimeout(resolve, 1))
      }
    })()
    await errorOf('ERR_SPACEPOOL_CALL_TIMEOUT', blocked.call('blocks', 'spinForever', [], { timeout: 50 }))
    const before = answered
    expect(await blocked.call('blocks', 'ping')).to.equal('pong')
    const meanwhile = answered - before
    over = true
    await calling
    // In the 200 ms and more until it is unblocked: some 100, and a few on the busiest machine; if they waited, one.
    expect(meanwhile).to.be.at.least(3)
    expect(healthy.stats()).to.include({ errors: 0, generation: 1 })
  })
})

describe('A space whose event loop is free', () => {
  afterEach(destroyPools)

  it('is never ended for a slow call, be it aborted or timed out, and its neighbours are answered', async () => {
    const pool = newPool({ restart })
    const set = await pool.add('plain-functions')
    const steps = told(pool)
    const neighbour = set.call('plain-functions', 'sleep', [700, 'in time'])
    const slow = Array.from({ length: 8 }, (given, index) =>
      errorOf(
        'ERR_SPACEPOOL_CALL_TIMEOUT',
        set.call('plain-functions', 'neverSettles', [], { timeout: 20 + index * 20 })
      )
    )
    await Promise.all(slow)
    expect(await neighbour).to.equal('in time')
    expect(steps).to.deep.equal([])
    expect(set.stats()).to.include({ generation: 1, restarts: 0, inFlight: 0 })
  })
})
