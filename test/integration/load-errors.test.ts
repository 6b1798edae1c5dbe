import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { PackageSpec } from '../../lib/options.js'
import { removeWrittenFolders, writtenFolder } from '../spaces/fixtures.js'
import { destroyPools, newPool, newSupervisor, paths } from '../support/pools.js'
import { errorOf } from '../support/rejections.js'
import { livingSpaces } from '../support/spaces.js'
import { nextEvent, until, within } from '../support/waiting.js'

describe('A package that does not load', () => {
  afterEach(destroyPools)
  after(removeWrittenFolders)

  const failing: [
    title: string,
    spec: PackageSpec,
    cause: { name: string; message: RegExp; code?: string }
  ][] = [
    ['throws', 'throws-at-load', { name: 'Error', message: /^refused to load$/, code: 'REFUSED' }],
    ['throws as an ES module', 'esm-throws-at-load', { name: 'Error', message: /./, code: 'REFUSED' }],
    ['cannot be parsed', 'throws-at-load/syntax', { name: 'SyntaxError', message: /./ }],
    [
      'needs what is not installed',
      'missing-dependency',
      { name: 'Error', message: /is-installed-nowhere/, code: 'MODULE_NOT_FOUND' }
    ],
    ['has no main file', 'missing-main', { name: 'Error', message: /./, code: 'MODULE_NOT_FOUND' }],
    [
      'throws in its constructor',
      { name: 'class-with-state', parameters: ['x'] },
      { name: 'TypeError', message: /start is no number/ }
    ],
    [
      'throws in its factory',
      { name: 'factory-function', parameters: ['x', { fail: true }] },
      { name: 'Error', message: /no x today/ }
    ],
    [
      'rejects in its factory',
      { name: 'async-factory', parameters: ['x', { fail: true }] },
      { name: 'Error', message: /no x today/ }
    ]
  ]
  it('because it throws gives PACKAGE_LOAD_FAILED with what it threw, whatever its kind', async () => {
    const pool = newPool()
    await Promise.all(
      failing.map(async ([title, spec, { name, message, code }]) => {
        const error = await errorOf('ERR_SPACEPOOL_PACKAGE_LOAD_FAILED', pool.add(spec))
        expect(error.package, title).to.equal(typeof spec === 'string' ? spec : spec.name)
        expect(error.cause, title).to.be.instanceOf(Error)
        const cause = error.cause as NodeJS.ErrnoException
        expect(cause.name, title).to.equal(name)
        expect(cause.message, title).to.match(message)
        expect(cause.code, title).to.equal(code)
      })
    )
    expect(pool.stats()).to.include({ queued: 0, inFlight: 0 }).and.have.deep.property('sets', [])
    await until(() => livingSpaces().length === 0)
  })

  it('because it throws what is no error gives that as the cause', async () => {
    const error = await errorOf('ERR_SPACEPOOL_PACKAGE_LOAD_FAILED', newPool().add('throws-at-load/string'))
    expect(error.cause).to.be.a('string')
  })

  it('because it is missing gives PACKAGE_NOT_FOUND with the folders', async () => {
    const error = await errorOf('ERR_SPACEPOOL_PACKAGE_NOT_FOUND', newPool().add('is-installed-nowhere'))
    expect(error).to.deep.include({ package: 'is-installed-nowhere', paths: [...paths] })
  })

  it('is no crash: nothing is started again, and what was added is as if it had never been', async () => {
    const pool = newPool()
    const exits: unknown[] = []
    pool.on('spaceRestart', (event) => exits.push(event))
    pool.on('spaceExit', ({ reason }) => exits.push(reason))
    const call = errorOf('ERR_SPACEPOOL_PACKAGE_NOT_ADDED', pool.call('throws-at-load', 'add'))
    const adding = errorOf(
      'ERR_SPACEPOOL_PACKAGE_LOAD_FAILED',
      pool.add(['plain-functions', 'throws-at-load'])
    )
    const early = errorOf('ERR_SPACEPOOL_PACKAGE_LOAD_FAILED', pool.call('plain-functions', 'add', [1, 2]))
    await Promise.all([call, adding, early])
    await errorOf('ERR_SPACEPOOL_PACKAGE_NOT_ADDED', pool.call('plain-functions', 'add', [1, 2]))
    await until(() => exits.length > 0)
    expect(exits).to.deep.equal(['remove'])
    const set = await pool.add('plain-functions')
    expect(await set.call('plain-functions', 'add', [1, 2])).to.equal(3)
  })

  it('beside others that are loaded leaves them usable in the same space', async () => {
    const pool = newPool()
    const set = await pool.add('plain-functions')
    await errorOf('ERR_SPACEPOOL_PACKAGE_LOAD_FAILED', set.add('throws-at-load'))
    await errorOf('ERR_SPACEPOOL_PACKAGE_NOT_FOUND', set.add(['plain-function', 'is-installed-nowhere']))
    for (const name of ['throws-at-load', 'plain-function', 'is-installed-nowhere']) {
      await errorOf('ERR_SPACEPOOL_PACKAGE_NOT_ADDED', set.call(name, ''))
    }
    expect(set.packages).to.deep.equal(['plain-functions'])
    expect(await set.call('plain-functions', 'add', [1, 2])).to.equal(3)
    expect(set.stats()).to.include({ generation: 1, restarts: 0 })
  })

  it('fails the calls that waited for it with the same error', async () => {
    const pool = newPool()
    const set = await pool.add('plain-functions')
    const adding = errorOf('ERR_SPACEPOOL_PACKAGE_LOAD_FAILED', set.add('throws-at-load'))
    const calls = ['set', 'pool'].map((which) =>
      errorOf(
        'ERR_SPACEPOOL_PACKAGE_LOAD_FAILED',
        (which === 'set' ? set : pool).call('throws-at-load', 'add')
      )
    )
    const error = await adding
    for (const call of calls) expect(await call).to.equal(error)
  })

  it('because it never finishes gives PACKAGE_LOAD_FAILED after its time, and the space lives on', async () => {
    const { supervisor, call } = newSupervisor({}, { load: 2000 })
    const set = await supervisor.add('plain-functions', undefined)
    const begun = performance.now()
    const [adding, alone] = [
      supervisor.addTo(set, 'esm-never-loads'),
      supervisor.add('esm-never-loads', undefined)
    ].map((promise) => errorOf('ERR_SPACEPOOL_PACKAGE_LOAD_FAILED', promise as Promise<unknown>))
    const beside = await within(3000, adding as Promise<unknown>)
    // For that one a space has to start first.
    for (const error of [beside, await alone]) {
      expect(error).to.include({ package: 'esm-never-loads', timeout: 2000 })
    }
    expect(performance.now() - begun).to.be.at.least(1999)
    expect(await call(set, 'plain-functions', 'add', [1, 2])).to.equal(3)
    expect(set.replicas).to.include({ generation: 1, restarts: 0 })
  })

  it('because it loops gives PACKAGE_LOAD_FAILED after its time, and the others come back in a new space', async () => {
    const { supervisor, call } = newSupervisor({ restart: { minBackoff: 0, maxBackoff: 0 } }, { load: 2000 })
    const set = await supervisor.add('plain-functions', undefined)
    const error = await errorOf('ERR_SPACEPOOL_PACKAGE_LOAD_FAILED', supervisor.addTo(set, 'spins-at-load'))
    expect(error).to.include({ package: 'spins-at-load', timeout: 2000 })
    await until(() => set.replicas.restarts === 1)
    expect(await call(set, 'plain-functions', 'add', [1, 2])).to.equal(3)
    expect(set.replicas).to.include({ generation: 2, restarts: 1 })
    await errorOf('ERR_SPACEPOOL_PACKAGE_LOAD_FAILED', supervisor.add('spins-at-load', undefined))
  })

  it('because it exits is a crash while loading', async () => {
    const pool = newPool({ restart: { minBackoff: 0, maxBackoff: 0 } })
    const alone = await errorOf('ERR_SPACEPOOL_SPACE_CRASHED', pool.add('exits-at-load'))
    expect(alone).to.include({ phase: 'loading', cause: 'exit', exitCode: 7 })
    const set = await pool.add('plain-functions')
    const beside = await errorOf('ERR_SPACEPOOL_SPACE_CRASHED', set.add('exits-at-load'))
    expect(beside).to.include({ phase: 'loading', exitCode: 7, generation: 1 })
    expect(await set.call('plain-functions', 'add', [1, 2])).to.equal(3)
    expect(set.packages).to.deep.equal(['plain-functions'])
  })

  it('and crashes only after it was loaded is a crash of an idle space', async () => {
    const pool = newPool({ restart: { minBackoff: 1000 } })
    const exit = nextEvent(pool, 'spaceExit')
    await pool.add('throws-at-load-async')
    const { reason, cause, stderr } = await exit
    expect({ reason, cause }).to.deep.equal({ reason: 'crash', cause: 'exit' })
    expect(stderr).to.match(/thrown after the package was loaded/)
  })

  it('any more when its space is rebuilt fails its own calls, while the others are served', async () => {
    const folder = writtenFolder({ 'node_modules/changing/index.js': 'exports.answer = () => 1' })
    const pool = newPool({ paths: [join(folder, 'node_modules'), ...paths] })
    const set = await pool.add(['changing', 'plain-functions'])
    expect(await set.call('changing', 'answer')).to.equal(1)
    const file = join(folder, 'node_modules/changing/index.js')
    writeFileSync(file, 'throw new Error("broken by an update")')
    const reload = await errorOf('ERR_SPACEPOOL_PACKAGE_LOAD_FAILED', set.reload())
    expect(reload).to.have.nested.property('cause.message', 'broken by an update')
    expect(await set.call('changing', 'answer')).to.equal(1)
    await set.evict()
    const broken = await errorOf('ERR_SPACEPOOL_PACKAGE_LOAD_FAILED', set.call('changing', 'answer'))
    expect(broken)
      .to.include({ package: 'changing' })
      .and.have.nested.property('cause.message', 'broken by an update')
    expect(await set.call('plain-functions', 'add', [1, 2])).to.equal(3)
    expect(set.packages).to.deep.equal(['changing', 'plain-functions'])
    writeFileSync(file, 'exports.answer = () => 2')
    await set.reload()
    expect(await set.call('changing', 'answer')).to.equal(2)
  })
})
