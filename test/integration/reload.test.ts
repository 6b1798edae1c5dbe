import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { removeWrittenFolders, writtenFolder } from '../spaces/fixtures.js'
import { Gate, waitsAtLoad } from '../support/gate.js'
import { destroyPools, newPool, newSupervisor } from '../support/pools.js'
import { errorOf } from '../support/rejections.js'
import { livingSpaces } from '../support/spaces.js'
import { nextEvent, until } from '../support/waiting.js'

describe('A reload', () => {
  afterEach(destroyPools)
  after(removeWrittenFolders)

  it('puts what is on disk now in the place of what was loaded, without a failed call', async () => {
    const folder = writtenFolder({ 'node_modules/changing/index.js': source(1) })
    const pool = newPool({ paths: [join(folder, 'node_modules')], replicas: 2, concurrency: 4 })
    const set = await pool.add('changing')
    const before = livingSpaces()
    const answers: number[] = []
    let over = false
    const caller = async (): Promise<void> => {
      while (!over) answers.push(await set.call<number>('changing', 'version'))
    }
    const callers = Array.from({ length: 12 }, caller)
    writeFileSync(join(folder, 'node_modules/changing/index.js'), source(2))
    await set.reload()
    over = true
    await Promise.all(callers)
    expect(new Set(answers)).to.deep.equal(new Set([1, 2]))
    expect(await set.call('changing', 'version')).to.equal(2)
    expect(livingSpaces()).to.have.length(2)
    expect(livingSpaces().filter((pid) => before.includes(pid))).to.deep.equal([])
    expect(set.stats()).to.include({ generation: 2, errors: 0, restarts: 0, evictions: 0 })
  })

  it('lets the calls of the old space be answered there, while new ones go to the new space', async () => {
    const pool = newPool()
    const set = await pool.add(['exits', 'plain-functions'])
    const pid = await set.call('exits', 'pid')
    const ready = nextEvent(pool, 'spaceReady')
    const exit = nextEvent(pool, 'spaceExit')
    const gate = new Gate()
    const old = set.call('plain-functions', 'whenThere', [gate.file, 'from the old one'])
    const reloading = set.reload()
    const { pid: newPid } = await ready
    expect(await set.call('exits', 'pid'))
      .to.equal(newPid)
      .and.not.equal(pid)
    expect(pool.stats().spaces.map(({ state }) => state)).to.have.members(['ready', 'draining'])
    gate.open()
    expect(await old).to.equal('from the old one')
    await reloading
    expect(await exit).to.include({ reason: 'recycle', cause: null, pid, generation: 1 })
  })

  it('brings the packages back with their parameters, those added later included, and their state is new', async () => {
    const pool = newPool()
    const set = await pool.add({ name: 'class-with-state', parameters: [5] })
    await set.add('plain-functions')
    await set.call('class-with-state', 'increment')
    await set.reload()
    expect(await set.call('class-with-state', 'value')).to.equal(5)
    expect(await set.call('plain-functions', 'add', [1, 2])).to.equal(3)
  })

  it('has the bound of a drain for calls that are not answered', async () => {
    const { supervisor, call } = newSupervisor({}, { drain: 50 })
    const set = await supervisor.add('plain-functions', undefined)
    const stuck = errorOf('ERR_SPACEPOOL_SPACE_STOPPED', call(set, 'plain-functions', 'neverSettles'))
    await supervisor.reload(set)
    expect(await stuck).to.include({ reason: 'recycle', key: 'plain-functions' })
    expect(await call(set, 'plain-functions', 'add', [1, 2])).to.equal(3)
  })

  it('gives up a space that is being added for more calls: it would have what was loaded before', async () => {
    const pool = newPool({ replicas: { min: 1, max: 2 }, concurrency: 1 })
    const set = await pool.add('plain-functions')
    const gate = new Gate()
    const ready: number[] = []
    pool.on('spaceReady', ({ generation }) => ready.push(generation))
    const calls = [1, 2].map(() => set.call('plain-functions', 'whenThere', [gate.file]))
    const reloading = set.reload()
    gate.open()
    await Promise.all([...calls, reloading])
    await until(() => livingSpaces().length === 1)
    expect(ready).to.deep.equal([2])
  })

  it('of a set without a space does nothing; the next call starts one', async () => {
    const pool = newPool()
    const set = await pool.add('plain-functions')
    await set.evict()
    await set.reload()
    expect(livingSpaces()).to.deep.equal([])
    expect(await set.call('plain-functions', 'add', [1, 2])).to.equal(3)
  })

  it('twice at once, and while packages are added, leaves one space with all of them', async () => {
    const pool = newPool()
    const set = await pool.add('plain-functions')
    await Promise.all([set.reload(), set.add('plain-function'), set.reload(), set.add('esm-top-level-await')])
    expect(await set.call('plain-functions', 'add', [1, 2])).to.equal(3)
    expect(await set.call('plain-function', '', ['you'])).to.equal('hello you')
    expect(await set.call('esm-top-level-await', 'evaluations')).to.equal(1)
    expect(livingSpaces()).to.have.length(1)
  })

  it('does not fail an addition that is under way: the package goes to the space that follows', async () => {
    const gate = new Gate()
    const folder = writtenFolder({
      'node_modules/slow/package.json': '{ "type": "module" }',
      'node_modules/slow/index.js': waitsAtLoad(gate)
    })
    const pool = newPool()
    const set = await pool.add('plain-functions')
    const exit = nextEvent(pool, 'spaceExit')
    let added = false
    const adding = set.add(join(folder, 'node_modules/slow')).then(() => (added = true))
    await set.reload()
    expect(await exit).to.include({ reason: 'recycle' })
    expect(added).to.equal(false)
    gate.open()
    await adding
    expect(await set.call(join(folder, 'node_modules/slow'), 'loaded')).to.equal(true)
    expect(livingSpaces()).to.have.length(1)
  })

  it('while its space crashes leaves one space', async () => {
    const pool = newPool({ restart: { minBackoff: 0, maxBackoff: 0 } })
    const set = await pool.add('exits')
    const reloading = set.reload()
    await errorOf('ERR_SPACEPOOL_SPACE_CRASHED', set.call('exits', 'exit0'))
    await reloading
    expect(await set.call('exits', 'pid')).to.be.a('number')
    expect(livingSpaces()).to.have.length(1)
    expect(pool.stats().spaces).to.have.length(1)
  })
})

function source(version: number): string {
  return `exports.version = () => new Promise((resolve) => setTimeout(resolve, 3, ${version}))`
}
