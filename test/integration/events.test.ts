import { expect } from 'chai'
import type { SetDownEvent, SpacePoolEventName } from '../../lib/events.js'
import type { SpacePool } from '../../lib/space-pool.js'
import { Host } from '../support/host.js'
import { destroyPools, newPool } from '../support/pools.js'
import { errorOf } from '../support/rejections.js'
import { until, within } from '../support/waiting.js'

const names: SpacePoolEventName[] = [
  ...(['spaceReady', 'spaceExit', 'spaceRestart', 'spaceEvict', 'spaceOutput'] as const),
  ...(['setDown', 'setUp', 'error', 'close'] as const)
]

describe('The events of a pool', () => {
  afterEach(destroyPools)

  it('tell the life of a space in order, each with one frozen object', async () => {
    const pool = newPool({ restart: { minBackoff: 0, maxBackoff: 0 } })
    const events = record(pool)
    const set = await pool.add(['exits', 'prints'])
    const pid = await set.call('exits', 'pid')
    await set.call('prints', 'out', ['hello'])
    await until(() => events.length === 2)
    await errorOf('ERR_SPACEPOOL_SPACE_CRASHED', set.call('exits', 'exitWith', [3]))
    await set.call('exits', 'pid')
    await set.evict()
    await pool.close()
    expect(events.map(({ name }) => name)).to.deep.equal([
      ...[
        'spaceReady',
        'spaceOutput',
        'spaceExit',
        'spaceRestart',
        'spaceReady',
        'spaceEvict',
        'spaceExit',
        'close'
      ]
    ])
    for (const { given } of events) {
      expect(given).to.have.length(1)
      expect(given[0]).to.be.an('object').and.to.be.frozen
    }
    const [ready, output, exit, restart, again, evict, last] = events.map(({ given }) => given[0])
    const packages = ['exits', 'prints']
    const space = { id: 1, pid, key: set.key, packages, generation: 1 }
    expect(ready).to.deep.include(space).and.have.property('startup').that.is.greaterThan(0)
    expect(output).to.deep.equal({ ...space, stream: 'stdout', line: 'hello', dropped: 0 })
    expect(exit).to.deep.include({
      ...space,
      reason: 'crash',
      cause: 'exit',
      exitCode: 3,
      signal: null,
      stderr: ''
    })
    expect(exit).to.have.property('uptime').that.is.greaterThan(0)
    expect(restart).to.deep.equal({ key: set.key, packages, generation: 2, cause: 'exit', backoff: 0 })
    expect(again).to.deep.include({ id: 2, key: set.key, packages, generation: 2 })
    expect(evict).to.deep.include({ id: 2, generation: 2, reason: 'request', stateLost: true })
    expect(last).to.deep.include({ id: 2, generation: 2, reason: 'evict', cause: null })
  })

  it('come after the state has moved: whoever hears them sees it in stats()', async () => {
    const pool = newPool({ restart: { minBackoff: 0, maxBackoff: 0 } })
    const seen: unknown[] = []
    pool.on('spaceReady', () => seen.push(['ready', pool.stats().spaces.map(({ state }) => state)]))
    pool.on('spaceEvict', ({ key }) =>
      seen.push(['evict', pool.stats().sets.find((set) => set.key === key)?.evictions])
    )
    pool.on('spaceExit', () => seen.push(['exit', pool.stats().spaces.length]))
    pool.on('close', () => seen.push(['close', pool.stats().spaces.length]))
    const set = await pool.add('plain-functions')
    await set.evict()
    await pool.close()
    expect(seen).to.deep.equal([
      ['ready', ['ready']],
      ['evict', 1],
      ['exit', 0],
      ['close', 0]
    ])
  })

  it('tell when a set is down, and its calls fail at once', async () => {
    const restart = { intensity: 2, minBackoff: 0, maxBackoff: 0 }
    const pool = newPool({ restart })
    const events = record(pool)
    const set = await pool.add('exits')
    for (let crash = 0; crash < 3; crash++) {
      await errorOf('ERR_SPACEPOOL_SPACE_CRASHED', set.call('exits', 'exit1'))
    }
    await until(() => events.at(-1)?.name === 'setDown')
    const [down] = events.at(-1)?.given ?? []
    const { retryAfter, ...facts } = down as SetDownEvent
    expect(facts).to.deep.equal({ key: 'exits', packages: ['exits'], restarts: 2 })
    // At most 60 s after the first restart, when a probe is within the limit.
    expect(retryAfter).to.be.within(30_000, 60_000)
    const error = await within(100, errorOf('ERR_SPACEPOOL_SET_DOWN', set.call('exits', 'pid')))
    expect(error.key).to.equal('exits')
    expect(error.retryAfter).to.be.within(1, 60_000)
    expect(set.stats()).to.include({ down: true, restarts: 2 })
    expect(pool.stats().spaces).to.deep.equal([])
    await errorOf('ERR_SPACEPOOL_SET_DOWN', set.add('plain-functions'))
  })

  it('are heard by as many as listen, once or until they are taken off', async () => {
    const pool = newPool()
    const heard: string[] = []
    const listener = (): number => heard.push('on')
    pool.on('spaceReady', listener)
    pool.once('spaceReady', () => heard.push('once'))
    const set = await pool.add('plain-functions')
    await set.reload()
    pool.off('spaceReady', listener)
    await set.reload()
    expect(heard).to.deep.equal(['on', 'once', 'on'])
  })

  it('may be listened to by one who throws: the host gets it as an uncaught exception, the pool goes on', async () => {
    const { code, said } = await new Host('throwsInListener').ends()
    expect(code).to.equal(0)
    expect(said).to.have.members(['plain-functions', 'from a listener', 3])
  })
})

function record(pool: SpacePool): { name: SpacePoolEventName; given: unknown[] }[] {
  const events: { name: SpacePoolEventName; given: unknown[] }[] = []
  for (const name of names) pool.on(name, (...given: unknown[]) => events.push({ name, given }))
  return events
}
