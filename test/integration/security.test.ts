import { expect } from 'chai'
import { livingChildren } from '../support/children.js'
import { destroyPools, newPool } from '../support/pools.js'
import { errorOf, rejectionOf } from '../support/rejections.js'
import { nextEvent } from '../support/waiting.js'
import type { SpacePool } from '../../lib/space-pool.js'

const restart = { intensity: Infinity, minBackoff: 0, maxBackoff: 0 }

describe('Names that are refused', () => {
  afterEach(destroyPools)

  const names = [
    ...[
      '../x',
      './x',
      '..',
      '.',
      '',
      'a/../../b',
      'a/./b',
      'a//b',
      '/a/../b',
      'data:text/javascript,1',
      'http://x/y'
    ],
    ...[
      '__proto__',
      'a/__proto__/b',
      'x'.repeat(300),
      'a\0b',
      '#internal',
      '%2e%2e',
      'a b',
      'C:\\x',
      'node:data:x'
    ],
    ...[
      '@scope',
      '@/x',
      'node_modules',
      'a/node_modules/b',
      'file:relative',
      'file:///a/%2e%2e/b',
      'file:///a?b',
      '\u202ea'
    ]
  ]

  it('start no process', async () => {
    const pool = newPool()
    for (const name of names) {
      const error = await errorOf('ERR_SPACEPOOL_INVALID_NAME', pool.add(name))
      expect(error.package).to.equal(name)
      expect(error.reason).to.be.a('string').and.not.equal('')
      await errorOf('ERR_SPACEPOOL_INVALID_NAME', pool.add(['path', { name }]))
    }
    expect(livingChildren()).to.deep.equal([])
    expect(pool.stats().sets).to.deep.equal([])
  })

  it('are those that are not allowed, by a list or a function, in add() of the pool and of the set', async () => {
    const listed = newPool({ allow: ['plain-functions', 'node:path'] })
    const chosen = newPool({ allow: (name) => name.startsWith('plain-') })
    for (const pool of [listed, chosen]) {
      for (const name of ['child_process', 'node:fs', 'values', '@scoped/package']) {
        const error = await errorOf('ERR_SPACEPOOL_INVALID_NAME', pool.add(['plain-functions', name]))
        expect(error.reason).to.match(/not allowed/)
      }
    }
    expect(livingChildren()).to.deep.equal([])
    const set = await listed.add(['plain-functions', 'path'])
    await errorOf('ERR_SPACEPOOL_INVALID_NAME', set.add('values'))
    await errorOf('ERR_SPACEPOOL_INVALID_NAME', set.add({ name: 'values', as: 'path' }))
    expect(set.packages).to.deep.equal(['plain-functions', 'path'])
  })

  it('also where "allow" throws or gives no answer: what it throws is told, nothing is started', async () => {
    const thrown = new Error('not decided')
    const throwing = newPool({
      allow: () => {
        throw thrown
      }
    })
    expect(await rejectionOf(throwing.add('path'))).to.equal(thrown)
    const undecided = newPool({ allow: (() => Promise.resolve(true)) as unknown as () => boolean })
    const error = await errorOf('ERR_SPACEPOOL_INVALID_OPTION', undecided.add('path'))
    expect(error).to.include({ option: 'allow' })
    expect(livingChildren()).to.deep.equal([])
  })
})

describe('The path of a function', () => {
  let pool: SpacePool

  before(async () => {
    pool = newPool()
    await pool.add(['dangerous', 'plain-functions', 'plain-function'])
  })
  after(destroyPools)

  const refused = [
    ...[
      'constructor',
      'constructor.constructor',
      '__proto__.polluted',
      'prototype',
      'a.__proto__.b',
      'a..b',
      '.a'
    ],
    ...[
      'instance.constructor',
      'Safe.prototype.method',
      'plain.call',
      'plain.bind',
      'plain.toString.constructor'
    ],
    ...['instance.hasOwnProperty', 'instance.toString', 'instance.isPrototypeOf', '__defineGetter__'],
    ...[
      'otherRealm.make.constructor',
      'otherRealm.make.call',
      'otherRealm.hasOwnProperty',
      'passThrough.toString'
    ],
    ...['text.at', 'number.toFixed', 'nothing.at', 'list.constructor', 'dictionary.toString'],
    ...['a.'.repeat(16) + 'a', 'x'.repeat(2000)]
  ].map((path) => ({ name: 'dangerous', path }))
  refused.push(...['call', 'apply', 'loudly.constructor'].map((path) => ({ name: 'plain-function', path })))

  it('never leads out of the package', async () => {
    for (const { name, path } of refused) {
      const outcome = await pool.call(name, path, ['return process']).then(
        () => 'it was called',
        (error: { code: string }) => error.code
      )
      expect(outcome, `${name} ${path}`.slice(0, 80)).to.equal('ERR_SPACEPOOL_FUNCTION_NOT_FOUND')
    }
    expect(pool.stats().spaces[0]).to.include({ generation: 1, state: 'ready' })
  })

  it('reaches own properties, whatever they are called', async () => {
    expect(await pool.call('dangerous', 'toString')).to.equal('own toString')
    expect(await pool.call('dangerous', 'call')).to.equal('own call')
    expect(await pool.call('dangerous', 'dictionary.entry')).to.equal('reached')
    expect(await pool.call('dangerous', 'instance.method')).to.equal('reached')
    expect(await pool.call('dangerous', 'otherRealm.own')).to.equal('reached')
    expect(await pool.call('dangerous', 'passThrough.hidden')).to.equal('reached')
    expect(await pool.call('dangerous', 'answersAnything.whatever')).to.equal('asked for whatever')
  })

  it('that runs a getter which throws rejects with that', async () => {
    const error = await rejectionOf(pool.call('dangerous', 'throwingGetter'))
    expect(error).to.have.property('message', 'do not read')
  })
})

describe('A space that means harm', () => {
  afterEach(destroyPools)

  it('by bytes that are no message is ended, its calls fail, and the others do not notice', async () => {
    const pool = newPool({ restart })
    const [healthy, hostile] = await Promise.all([pool.add('plain-functions'), pool.add('dangerous')])
    const neighbour = healthy.call('plain-functions', 'sleep', [100, 'fine'])
    const garbage = [
      Buffer.alloc(64, 0xff),
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      Buffer.from([4, 0, 0, 0, 99, 99, 99, 99])
    ]
    for (const bytes of garbage) {
      const exit = nextEvent(pool, 'spaceExit')
      const call = rejectionOf(hostile.call('dangerous', 'writeToPipe', [bytes]))
      expect(await exit).to.include({ reason: 'crash', cause: 'protocol' })
      expect(await call).to.include({ code: 'ERR_SPACEPOOL_SPACE_CRASHED', cause: 'protocol' })
    }
    expect(await neighbour).to.equal('fine')
    expect(healthy.stats()).to.include({ generation: 1, errors: 0 })
  })

  it('by closing its pipe is ended', async () => {
    const pool = newPool({ restart })
    const set = await pool.add('dangerous')
    const exit = nextEvent(pool, 'spaceExit')
    await errorOf('ERR_SPACEPOOL_SPACE_CRASHED', set.call('dangerous', 'closePipe'))
    expect(await exit).to.include({ reason: 'crash' })
    expect(await set.call('dangerous', 'plain')).to.equal('reached')
  })

  it('by breaking its globals harms itself alone, and can be ended', async () => {
    const pool = newPool({ restart })
    const [healthy, hostile] = await Promise.all([pool.add('plain-functions'), pool.add('dangerous')])
    for (const path of ['breakGlobals', 'plain']) {
      await hostile.call('dangerous', path, [], { timeout: 300 }).catch(() => undefined)
    }
    expect(await healthy.call('plain-functions', 'add', [1, 2])).to.equal(3)
    await hostile.evict()
    expect(await hostile.call('dangerous', 'plain')).to.equal('reached')
  })

  it('by its answers does not change a prototype of the host', async () => {
    const pool = newPool()
    await pool.add(['values', 'dangerous'])
    const known = Reflect.ownKeys(Object.prototype)
    const value = await pool.call<Record<string, unknown>>('values', 'make', ['protoKey'])
    expect(Object.keys(value)).to.have.members(['__proto__', 'constructor'])
    expect(Object.getPrototypeOf(value)).to.equal(Object.prototype)
    await pool.call('dangerous', 'polluteObjectPrototype')
    expect(await pool.call('dangerous', 'plain')).to.equal('reached')
    await errorOf('ERR_SPACEPOOL_FUNCTION_NOT_FOUND', pool.call('dangerous', 'instance.polluted'))
    expect(Reflect.ownKeys(Object.prototype)).to.deep.equal(known)
    expect(({} as Record<string, unknown>)['polluted']).to.equal(undefined)
  })

  it('is not helped by a polluted prototype of the host: options are own properties', async () => {
    const prototype = Object.prototype as Record<string, unknown>
    const pollution = {
      callTimeout: 1,
      idempotent: 'yes',
      affinity: {},
      maxSpaces: 0,
      inactivityTimeout: 'no'
    }
    Object.assign(prototype, pollution)
    try {
      const pool = newPool()
      const set = await pool.add('plain-functions', {})
      expect(await set.call('plain-functions', 'sleep', [20, 'ok'], {})).to.equal('ok')
    } finally {
      for (const name of Object.keys(pollution)) delete prototype[name]
    }
  })
})
