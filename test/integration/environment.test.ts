import { realpathSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname } from 'node:path'
import { expect } from 'chai'
import { spaceEntry } from '../../lib/space/entry.js'
import type { SpacePoolOptions } from '../../lib/options.js'
import { destroyPools, newPool } from '../support/pools.js'
import { errorOf } from '../support/rejections.js'
import { livingSpaces } from '../support/spaces.js'

/** What a space may see of the host, in the words of the documentation. */
const harmless = [
  ...['PATH', 'HOME', 'USER', 'TMPDIR', 'TEMP', 'TZ', 'LANG', 'NODE_ENV', 'SSL_CERT_FILE', 'SSL_CERT_DIR'],
  ...[
    'HTTP_PROXY',
    'HTTPS_PROXY',
    'ALL_PROXY',
    'NO_PROXY',
    'http_proxy',
    'https_proxy',
    'all_proxy',
    'no_proxy'
  ],
  ...['LC_ALL', 'LC_CTYPE']
]
const secrets = [
  'SECRET_TOKEN',
  'NODE_OPTIONS',
  'NODE_EXTRA_CA_CERTS',
  'AWS_SECRET_ACCESS_KEY',
  'LD_PRELOAD_NOT',
  'path'
]

describe('The process of a space', () => {
  const before = { ...process.env }

  afterEach(async () => {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name]
    Object.assign(process.env, before)
    await destroyPools()
  })

  it('sees what is harmless of the environment of the host, and nothing else', async () => {
    for (const name of [...harmless, ...secrets]) process.env[name] ??= 'x'
    delete process.env['NODE_OPTIONS']
    const expected = Object.entries(process.env).filter(
      ([name]) => harmless.includes(name) || name.startsWith('LC_')
    )
    expect(await environmentWith({})).to.deep.equal(Object.fromEntries(expected))
  })

  it('does not see NODE_OPTIONS, whatever is asked for', async () => {
    process.env['NODE_OPTIONS'] = '--no-warnings'
    const seen = await environmentWith({ env: 'inherit' })
    delete process.env['NODE_OPTIONS']
    expect(seen).not.to.have.property('NODE_OPTIONS')
    expect(seen).to.include({ PATH: process.env['PATH'] })
  })

  it('sees what the option "env" adds, by names or by values, and not what it takes away', async () => {
    process.env['SECRET_TOKEN'] = 'secret'
    process.env['OTHER_TOKEN'] = 'other'
    process.env['LANG'] = 'C'
    const named = await environmentWith({ env: ['SECRET_TOKEN', 'IS_NOT_THERE'] })
    expect(named).to.include({ SECRET_TOKEN: 'secret', LANG: 'C' }).and.not.have.property('OTHER_TOKEN')
    const given = await environmentWith({ env: { GREETING: 'hello', LANG: undefined, PATH: '/bin' } })
    expect(given)
      .to.include({ GREETING: 'hello', PATH: '/bin' })
      .and.not.have.any.keys('LANG', 'SECRET_TOKEN')
    expect(await environmentWith({ env: 'inherit' })).to.include({
      SECRET_TOKEN: 'secret',
      OTHER_TOKEN: 'other'
    })
  })

  it('sees the environment as it was when the pool was made', async () => {
    process.env['TZ'] = 'UTC'
    const pool = newPool()
    process.env['TZ'] = 'Asia/Tokyo'
    await pool.add('environment')
    expect(await pool.call('environment', 'variable', ['TZ'])).to.equal('UTC')
  })

  it('has the program of spacepool, the flags and the folder that it was given, and no IPC channel', async () => {
    const folder = realpathSync(tmpdir())
    const pool = newPool({ cwd: folder, execArgv: ['--no-deprecation', '--stack-size=900'] })
    const set = await pool.add('environment')
    expect(await set.call('environment', 'argv')).to.deep.equal([process.execPath, spaceEntry])
    expect(await set.call('environment', 'execArgv')).to.include.members([
      '--no-deprecation',
      '--stack-size=900'
    ])
    expect(await set.call('environment', 'cwd')).to.equal(folder)
    expect(await set.call('environment', 'execPath')).to.equal(process.execPath)
    expect(await set.call('environment', 'hasIpcChannel')).to.equal(false)
    expect(await set.call('environment', 'parentPid')).to.equal(process.pid)
    expect(await set.call('environment', 'openFiles')).to.include.members([0, 1, 2, 3])
  })

  it('of a set has the options of the set, the others those of the pool', async () => {
    const pool = newPool({ cwd: '/', env: { WHICH: 'pool' } })
    const [own, ofPool] = await Promise.all([
      pool.add(
        { name: 'environment', as: 'own' },
        { cwd: __dirname, env: { WHICH: 'set' }, execArgv: ['--no-deprecation'] }
      ),
      pool.add('environment')
    ])
    expect(await own.call('own', 'cwd')).to.equal(__dirname)
    expect(await own.call('own', 'variable', ['WHICH'])).to.equal('set')
    expect(await own.call('own', 'execArgv')).to.include('--no-deprecation')
    expect(await ofPool.call('environment', 'cwd')).to.equal('/')
    expect(await ofPool.call('environment', 'variable', ['WHICH'])).to.equal('pool')
  })

  if (process.getuid?.() === 0 && reachableByAll(process.execPath) && reachableByAll(spaceEntry)) {
    it('runs as another user and group where a privileged host says so', async () => {
      const pool = newPool({ uid: 65_534, gid: 65_534, cwd: '/' })
      await pool.add('os')
      expect(await pool.call('os', 'userInfo')).to.include({ uid: 65_534, gid: 65_534 })
    })
  }
  if (process.getuid?.() !== 0) {
    it('cannot be started as another user by a host without the right', async () => {
      const error = await errorOf('ERR_SPACEPOOL_SPACE_START_FAILED', newPool({ uid: 1 }).add('environment'))
      expect(error.reason).to.match(/EPERM/)
    })
  }

  const impossible: [title: string, options: SpacePoolOptions, reason: RegExp][] = [
    [
      'a Node that is not there',
      { execPath: '/not/there/node' },
      /"\/not\/there\/node" cannot be run.*ENOENT/
    ],
    ['a folder that is not there', { cwd: '/not/there' }, /"\/not\/there" cannot be entered.*ENOENT/],
    ['a program that is no Node', { execPath: '/bin/false' }, /./],
    ['a flag that Node does not know', { execArgv: ['--is-no-flag'] }, /./]
  ]
  for (const [title, options, reason] of impossible) {
    it(`that cannot be started because of ${title} is a typed error, without a second attempt`, async () => {
      const pool = newPool(options)
      let attempts = 0
      pool.on('spaceRestart', () => attempts++)
      const error = await errorOf('ERR_SPACEPOOL_SPACE_START_FAILED', pool.add('environment'))
      expect(error.reason).to.match(reason)
      expect(attempts).to.equal(0)
      expect(livingSpaces()).to.deep.equal([])
      expect(pool.stats()).to.deep.include({ sets: [] })
    })
  }
})

async function environmentWith(options: SpacePoolOptions): Promise<Record<string, string>> {
  const pool = newPool(options)
  await pool.add('environment')
  const environment = await pool.call<Record<string, string>>('environment', 'env')
  // Added where the coverage of the tests is measured.
  delete environment['NODE_V8_COVERAGE']
  return environment
}

/** Whether any user may read this file: not, for one, where the tests run in a private folder of root. */
function reachableByAll(file: string): boolean {
  if ((statSync(file).mode & 0o004) === 0) return false
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false
    if (folder === dirname(folder)) return true
  }
}
