import { expect } from 'chai'
import type { PackageSet } from '../../lib/package-set.js'
import type { SpacePool } from '../../lib/space-pool.js'
import { defaultBounds } from '../../lib/supervision/context.js'
import { removeWrittenFolders } from '../spaces/fixtures.js'
import { Gate } from '../support/gate.js'
import { destroyPools, newPool, newSupervisor } from '../support/pools.js'
import { recordingLogger } from '../support/records.js'
import { errorOf } from '../support/rejections.js'
import { livingSpaces, mostSpacesDuring } from '../support/spaces.js'
import { nextEvent, until } from '../support/waiting.js'

describe('The room of a pool', () => {
  afterEach(destroyPools)
  after(removeWrittenFolders)

  it('is for so many spaces; one more set takes it from the one that was not used for longest', async () => {
    const pool = newPool({ maxSpaces: 2 })
    const [first, second] = [await pool.add('plain-functions'), await pool.add('plain-function')]
    await second.call('plain-function', 'loudly', ['you'])
    await first.call('plain-functions', 'add', [1, 2])
    const evicted = nextEvent(pool, 'spaceEvict')
    const adding = pool.add('blocks')
    expect(await mostSpacesDuring(adding)).to.equal(2)
    expect(await evicted).to.include({ key: second.key, reason: 'room', generation: 1, stateLost: true })
    expect(keysOfSpaces(pool)).to.have.members([first.key, 'blocks'])
    expect(second.stats()).to.include({ evictions: 1, errors: 0 })
  })

  it('is had back by the next call of a set that lost it, with its packages and a new generation', async () => {
    const pool = newPool({ maxSpaces: 1 })
    const account = await pool.add({ name: 'class-with-state', parameters: [10] })
    await account.call('class-with-state', 'increment')
    const other = await pool.add('plain-functions')
    expect(await account.call('class-with-state', 'value')).to.equal(10)
    expect(await other.call('plain-functions', 'add', [1, 2])).to.equal(3)
    expect(account.stats()).to.include({ generation: 2, evictions: 2, restarts: 0 })
  })

  it('goes round among more sets than it has spaces for, and every call is answered', async () => {
    const pool = newPool({ maxSpaces: 2 })
    const names = ['one', 'two', 'three', 'four']
    const adding = Promise.all(names.map((as) => pool.add({ name: 'plain-functions', as })))
    const calling = adding.then((sets) =>
      Promise.all(
        [0, 1].flatMap(() => sets.map((set, index) => set.call(names[index] as string, 'echo', [index])))
      )
    )
    expect(await mostSpacesDuring(calling)).to.equal(2)
    expect(await calling).to.deep.equal([0, 1, 2, 3, 0, 1, 2, 3])
  })

  it('is not taken from a set with a call in flight: the other one waits until it is answered', async () => {
    const pool = newPool({ maxSpaces: 1 })
    const busy = await pool.add('plain-functions')
    let answered = false
    const call = busy.call('plain-functions', 'sleep', [150, 'done']).then((value) => {
      answered = true
      return value
    })
    await pool.add('blocks')
    expect(answered).to.equal(true)
    expect(await call).to.equal('done')
  })

  it('is not taken from a set that holds a callback, before it lets go of it', async () => {
    const pool = newPool({ maxSpaces: 2 })
    const holder = await pool.add('callbacks')
    await holder.call('callbacks', 'keep', [() => 'called'])
    const other = await pool.add('plain-functions')
    await holder.call('callbacks', 'keepsOne')
    const evicted = nextEvent(pool, 'spaceEvict')
    await pool.add('blocks')
    expect(await evicted).to.include({ key: other.key })
    expect(await holder.call('callbacks', 'callKept')).to.equal('called')
  })

  it('is taken from a set whose callback no package holds any more', async () => {
    const pool = newPool({ maxSpaces: 1 })
    const holder = await pool.add('callbacks')
    await holder.call('callbacks', 'keep', [() => 'called'])
    const adding = pool.add('blocks')
    await holder.call('callbacks', 'forget')
    await adding
    expect(keysOfSpaces(pool)).to.deep.equal(['blocks'])
    expect(holder.stats()).to.include({ callbacks: 0, evictions: 1 })
  })

  it('is warned about when a set waits for it, and refused after a time, with the names of the holders', async () => {
    const { logger, records } = recordingLogger()
    const { supervisor, call } = newSupervisor({ maxSpaces: 2 }, { roomWarning: 20, room: 3000 }, logger)
    const busy = await supervisor.add(['plain-functions', 'blocks'], undefined)
    const idle = await supervisor.add('callbacks', undefined)
    const gate = new Gate()
    const calls = [
      call(busy, 'plain-functions', 'whenThere', [gate.file]),
      call(idle, 'callbacks', 'keep', [() => undefined])
    ]
    const error = await errorOf('ERR_SPACEPOOL_NO_ROOM', supervisor.add('plain-function', undefined))
    const holders = ['blocks + plain-functions', 'callbacks']
    expect(error).to.deep.include({ key: 'plain-function', waited: 3000, holders })
    const warnings = records.filter(({ level }) => level === 'warn')
    expect(warnings.map(({ fields }) => fields)).to.deep.equal([
      { key: 'plain-function', holders, maxSpaces: 2 }
    ])
    gate.open()
    await Promise.all(calls)
    expect(() => supervisor.route('plain-function'))
      .to.throw()
      .with.property('code', 'ERR_SPACEPOOL_PACKAGE_NOT_ADDED')
    const again = await supervisor.add('plain-function', undefined)
    expect(await call(again, 'plain-function', '', ['you'])).to.equal('hello you')
  })

  it('is warned about after 5 s, and refused after 60 s', () => {
    expect(defaultBounds).to.include({ roomWarning: 5000, room: 60_000 })
  })

  it('that is refused to a set which was evicted fails its calls, and the set is served when there is some', async () => {
    const { supervisor, call } = newSupervisor({ maxSpaces: 1 }, { room: 3000 })
    const evicted = await supervisor.add('plain-functions', undefined)
    const holder = await supervisor.add('blocks', undefined)
    const gate = new Gate()
    const blocking = call(holder, 'blocks', 'spinUntilThere', [gate.file])
    const waiting = ['add', 'echo'].map((path) =>
      errorOf('ERR_SPACEPOOL_NO_ROOM', call(evicted, 'plain-functions', path, [1, 2]))
    )
    const adding = errorOf('ERR_SPACEPOOL_NO_ROOM', supervisor.addTo(evicted, 'plain-function'))
    for (const error of await Promise.all([...waiting, adding])) {
      expect(error).to.deep.include({ key: 'plain-functions', holders: ['blocks'] })
    }
    gate.open()
    await blocking
    expect(await call(evicted, 'plain-functions', 'add', [1, 2])).to.equal(3)
  })

  it('is given in the order in which it was asked for', async () => {
    const pool = newPool({ maxSpaces: 1 })
    const busy = await pool.add('plain-functions')
    const call = busy.call('plain-functions', 'sleep', [60])
    const order: string[] = []
    pool.on('spaceReady', ({ key }) => order.push(String(key)))
    await Promise.all(['blocks', 'callbacks', 'values'].map((name) => pool.add(name)))
    await call
    expect(order).to.deep.equal(['blocks', 'callbacks', 'values'])
  })

  it('has one space more, and never two, while spaces are replaced', async () => {
    const pool = newPool({ maxSpaces: 2 })
    const sets = await Promise.all(['plain-functions', 'plain-function'].map((name) => pool.add(name)))
    const reloading = Promise.all(sets.map((set) => set.reload()))
    expect(await mostSpacesDuring(reloading, pool)).to.equal(3)
    expect(sets.map((set) => set.stats().generation)).to.deep.equal([2, 2])
    expect(livingSpaces()).to.have.length(2)
    expect(pool.stats().spaces).to.have.length(2)
    await pool.add('blocks')
    expect(livingSpaces()).to.have.length(2)
  })

  it('is not taken for a set that is removed while it waits', async () => {
    const pool = newPool({ maxSpaces: 1 })
    const removed = await pool.add('plain-function')
    const busy = await pool.add('plain-functions')
    const gate = new Gate()
    await busy.call('plain-functions', 'counter.next')
    const call = busy.call('plain-functions', 'whenThere', [gate.file, 'there'])
    const waiting = errorOf('ERR_SPACEPOOL_SPACE_STOPPED', removed.call('plain-function', '', ['you']))
    await removed.remove()
    await waiting
    gate.open()
    expect(await call).to.equal('there')
    expect(await busy.call('plain-functions', 'counter.next')).to.equal(2)
    expect(busy.stats()).to.include({ evictions: 0, generation: 1 })
  })

  it('is not waited for any more by what is added, when that is removed', async () => {
    const { supervisor, call } = newSupervisor({ maxSpaces: 1 }, {})
    const busy = await supervisor.add('plain-functions', undefined)
    const gate = new Gate()
    const holding = call(busy, 'plain-functions', 'whenThere', [gate.file])
    const adding = errorOf('ERR_SPACEPOOL_SPACE_STOPPED', supervisor.add('plain-function', undefined))
    await supervisor.remove(supervisor.route('plain-function').set)
    await adding
    gate.open()
    await holding
  })

  it('of a set that is removed is free', async () => {
    const pool = newPool({ maxSpaces: 1 })
    const set = await pool.add('callbacks')
    await set.call('callbacks', 'keep', [() => undefined])
    await set.remove()
    expect(pool.stats()).to.deep.include({ spaces: [], sets: [] })
    await pool.add('blocks')
  })
})

describe('Spares', () => {
  afterEach(destroyPools)

  it('are started before anything is added, and are blank', async () => {
    const pool = newPool({ spares: 2 })
    await until(() => states(pool).join() === 'ready,ready')
    expect(pool.stats().sets).to.deep.equal([])
    for (const space of pool.stats().spaces) {
      expect(space).to.deep.include({ key: null, packages: [], generation: 0 })
    }
  })

  it('are adopted by a set, and another one is started in their place', async () => {
    const pool = newPool({ spares: 1 })
    await until(() => states(pool).join() === 'ready')
    const [spare] = pool.stats().spaces
    const set = await pool.add('plain-functions')
    expect(pool.stats().spaces.find(({ key }) => key === set.key)?.pid).to.equal(spare?.pid)
    expect(await set.call('plain-functions', 'add', [1, 2])).to.equal(3)
    await until(() => states(pool).join() === 'ready,ready')
    expect(keysOfSpaces(pool)).to.have.members([set.key, null])
  })

  it('serve a set after a crash, too', async () => {
    const pool = newPool({ spares: 1, restart: { minBackoff: 0, maxBackoff: 0 } })
    const set = await pool.add('exits')
    await until(() => states(pool).join() === 'ready,ready')
    const spare = pool.stats().spaces.find(({ key }) => key === null)
    await errorOf('ERR_SPACEPOOL_SPACE_CRASHED', set.call('exits', 'exit0'))
    expect(await set.call('exits', 'pid')).to.equal(spare?.pid)
  })

  it('count within the limit, and go where a set has no other room', async () => {
    const pool = newPool({ maxSpaces: 2, spares: 2 })
    await until(() => states(pool).join() === 'ready,ready')
    const adding = Promise.all(['plain-functions', 'plain-function'].map((name) => pool.add(name)))
    expect(await mostSpacesDuring(adding)).to.equal(2)
    const third = pool.add('blocks', { cwd: '/' })
    expect(await mostSpacesDuring(third)).to.equal(2)
    expect(keysOfSpaces(pool)).to.include('blocks')
  })

  it('do not serve a set with process options of its own', async () => {
    const pool = newPool({ spares: 1 })
    await until(() => states(pool).join() === 'ready')
    const set = await pool.add('environment', { env: { GREETING: 'hello' } })
    expect(await set.call('environment', 'variable', ['GREETING'])).to.equal('hello')
    expect(keysOfSpaces(pool)).to.have.members([set.key, null])
  })
})

function keysOfSpaces(pool: SpacePool): (PackageSet['key'] | null)[] {
  return pool.stats().spaces.map(({ key }) => key)
}

function states(pool: SpacePool): string[] {
  return pool.stats().spaces.map(({ state }) => state)
}
