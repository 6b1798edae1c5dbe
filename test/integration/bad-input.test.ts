import { expect } from 'chai'
import type { SpacePoolErrorCode } from '../../lib/errors.js'
import { isSpacePoolError } from '../../lib/errors.js'
import type { PackageSet } from '../../lib/package-set.js'
import { SpacePool } from '../../lib/space-pool.js'
import { livingChildren } from '../support/children.js'
import { destroyPools, newPool } from '../support/pools.js'
import { rejectionOf } from '../support/rejections.js'
import { thrownBy } from '../support/thrown-by.js'

/** Anything at all, for methods that check what they are given. */
type Loose = Record<'add' | 'call' | 'close' | 'reload' | 'on', (...given: unknown[]) => Promise<unknown>>

const nothing = [null, 0, 1, '', 'text', true, [], Symbol('s'), () => undefined, 1n]

describe('A wrong option of a pool', () => {
  const wrong: [option: string, values: unknown[]][] = [
    ['maxSpaces', [0, -1, 1.5, '4', NaN, Infinity, null]],
    ['spares', [-1, 17, 0.5, '1']],
    ['inactivityTimeout', [-1, NaN, '60', null]],
    ['paths', ['folder', [1], [''], null, ['a\0b'], ['file://else.where/a']]],
    ['allow', ['semver', 1, null, [1], ['../x']]],
    [
      'replicas',
      [
        0,
        17,
        1.5,
        '2',
        { min: 2 },
        { min: 3, max: 2 },
        { min: 1, max: 99 },
        { min: 1, max: 2, most: 3 },
        null
      ]
    ],
    ['concurrency', [0, 65_536, 1.5, '4', Infinity]],
    ['maxQueue', [-1, 1.5, '4', NaN]],
    ['maxBytes', [0, 2 ** 31, '1', Infinity]],
    ['callTimeout', [0, -1, '50', NaN, null]],
    ['env', ['all', 1, null, [1], ['A=B'], { A: 1 }, { NODE_OPTIONS: '--inspect' }, ['NODE_OPTIONS']]],
    ['cwd', [1, '', 'a\0b', null]],
    ['execPath', [1, '', null]],
    ['execArgv', ['--inspect', [1], null]],
    ['uid', [-1, 1.5, '0', null]],
    ['gid', [-1, 1.5, '0', null]],
    ['stdio', ['pipe', 1, null, ['inherit']]],
    [
      'restart',
      [
        5,
        null,
        'never',
        { intensity: -1 },
        { period: 0 },
        { minBackoff: -1 },
        { minBackoff: 5, maxBackoff: 1 },
        { times: 3 }
      ]
    ],
    ['stop', [1, null, { ask: -1 }, { kill: 5 }, { terminate: Infinity }]],
    ['logger', ['yes', 1, null, []]],
    ['ref', ['true', 1, null]]
  ]
  for (const [option, values] of wrong) {
    it(`is told when it is "${option}"`, () => {
      for (const value of values) {
        const error = thrownBy(() => new SpacePool({ [option]: value }))
        expectTold(error, 'ERR_SPACEPOOL_INVALID_OPTION', option)
      }
    })
  }

  it('is told when it is unknown, or no record of options at all', () => {
    for (const [options, option] of [
      [{ maxSpace: 3 }, 'maxSpace'],
      [{ Concurrency: 3 }, 'Concurrency'],
      ...nothing.filter((value) => typeof value !== 'function').map((value) => [value, 'options'])
    ] as [object, string][]) {
      expectTold(
        thrownBy(() => new SpacePool(options)),
        'ERR_SPACEPOOL_INVALID_OPTION',
        option
      )
    }
  })

  it('does not show a value that may be a secret', () => {
    const error = thrownBy(() => new SpacePool({ env: { PASSWORD: 12345 } as never }))
    expect(error).to.have.property('message').that.does.not.match(/12345/)
  })

  it('starts no process', () => expect(livingChildren()).to.deep.equal([]))
})

describe('A wrong argument', () => {
  let pool: SpacePool
  let set: PackageSet
  let loosePool: Loose
  let looseSet: Loose

  before(async () => {
    pool = newPool()
    set = await pool.add('plain-functions')
    loosePool = pool as unknown as Loose
    looseSet = set as unknown as Loose
  })
  after(destroyPools)

  afterEach('nothing else is affected', async () => {
    expect(await set.call('plain-functions', 'add', [1, 2])).to.equal(3)
    expect(pool.stats()).to.include({ queued: 0, inFlight: 0 }).and.have.property('spaces').with.length(1)
    expect(set.stats()).to.include({ generation: 1, errors: 0 })
  })

  it('of add() is told: the packages', async () => {
    const specs: [spec: unknown, argument: string][] = [
      ...[undefined, null, 5, true, Symbol('s'), () => undefined].map((spec): [unknown, string] => [
        spec,
        'packages'
      ]),
      [[], 'packages'],
      [['semver', 5], 'packages[1]'],
      [['semver', ['lodash']], 'packages[1]'],
      [{}, 'packages.name'],
      [{ name: 5 }, 'packages.name'],
      [[{ name: 'semver', as: 5 }], 'packages[0].as'],
      [{ name: 'semver', parameters: 'none' }, 'packages.parameters'],
      [{ name: 'semver', parameters: { length: 0 } }, 'packages.parameters'],
      [{ name: 'semver', parameter: [] }, 'packages.parameter'],
      [['semver', 'semver'], 'packages[1]'],
      [['path', 'node:path'], 'packages[1]'],
      [['semver', { name: 'lodash', as: 'semver' }], 'packages[1]']
    ]
    for (const [spec, argument] of specs) {
      for (const target of [loosePool, looseSet]) {
        expectTold(await rejectionOf(target.add(spec)), 'ERR_SPACEPOOL_INVALID_ARGUMENT', argument)
      }
    }
    for (const as of ['', '__proto__', 'a b', '../x', 'x'.repeat(300)]) {
      expect(await rejectionOf(pool.add({ name: 'semver', as }))).to.include({
        code: 'ERR_SPACEPOOL_INVALID_NAME'
      })
    }
  })

  it('of add() is told: parameters that cannot cross', async () => {
    const spec = { name: 'plain-function', parameters: [{ options: { agent: Symbol('s') } }] }
    const code = 'ERR_SPACEPOOL_NOT_CLONEABLE'
    for (const target of [pool, set]) {
      const alone = await rejectionOf(target.add(spec))
      expect(alone).to.include({ code, place: 'packages.parameters[0].options.agent' })
      const second = await rejectionOf(target.add(['path', spec]))
      expect(second).to.include({ code, place: 'packages[1].parameters[0].options.agent' })
    }
  })

  it('of add() is told: the options of the set', async () => {
    const options: [options: unknown, option: string][] = [
      [5, 'options'],
      [[], 'options'],
      [null, 'options'],
      [{ maxSpaces: 3 }, 'maxSpaces'],
      [{ replicas: 99 }, 'replicas'],
      [{ restart: { startsPerSecond: 3 } }, 'restart.startsPerSecond'],
      [{ env: { NODE_OPTIONS: '' } }, 'env'],
      [{ callTimeout: -1 }, 'callTimeout'],
      [{ logger: true }, 'logger']
    ]
    for (const [given, option] of options) {
      expectTold(
        await rejectionOf(loosePool.add('plain-function', given)),
        'ERR_SPACEPOOL_INVALID_OPTION',
        option
      )
    }
  })

  it('of call() is told: the name', async () => {
    for (const name of [undefined, null, 5, {}, [], Symbol('s'), () => undefined]) {
      for (const target of [loosePool, looseSet]) {
        expectTold(await rejectionOf(target.call(name, 'add', [])), 'ERR_SPACEPOOL_INVALID_ARGUMENT', 'name')
      }
    }
    for (const [name, code] of [
      ['', 'ERR_SPACEPOOL_INVALID_NAME'],
      ['../x', 'ERR_SPACEPOOL_INVALID_NAME'],
      ['__proto__', 'ERR_SPACEPOOL_INVALID_NAME'],
      ['x'.repeat(300), 'ERR_SPACEPOOL_INVALID_NAME'],
      ['lodash', 'ERR_SPACEPOOL_PACKAGE_NOT_ADDED'],
      ['constructor', 'ERR_SPACEPOOL_PACKAGE_NOT_ADDED'],
      ['toString', 'ERR_SPACEPOOL_PACKAGE_NOT_ADDED']
    ] as const) {
      for (const target of [pool, set]) {
        expect(await rejectionOf(target.call(name, 'add'))).to.include({ code })
      }
    }
  })

  it('of call() is told: the path', async () => {
    for (const path of [undefined, null, 5, ['add'], {}, Symbol('s')]) {
      for (const target of [loosePool, looseSet]) {
        const call = target.call('plain-functions', path, [])
        expectTold(await rejectionOf(call), 'ERR_SPACEPOOL_INVALID_ARGUMENT', 'path')
      }
    }
    for (const path of [
      'constructor.constructor',
      'a.__proto__.b',
      '.',
      'a.',
      'x'.repeat(2000),
      'a.'.repeat(20) + 'a'
    ]) {
      const error = await rejectionOf(pool.call('plain-functions', path))
      expect(error).to.include({ code: 'ERR_SPACEPOOL_FUNCTION_NOT_FOUND', path }).and.have.property('reason')
    }
  })

  it('of call() is told: the parameters', async () => {
    for (const parameters of [null, 5, 'text', {}, { length: 1, 0: 1 }, new Set([1]), () => undefined]) {
      for (const target of [loosePool, looseSet]) {
        const call = target.call('plain-functions', 'add', parameters)
        expectTold(await rejectionOf(call), 'ERR_SPACEPOOL_INVALID_ARGUMENT', 'parameters')
      }
    }
    expect(await pool.call('plain-functions', 'countParameters')).to.equal(0)
    expect(await loosePool.call('plain-functions', 'countParameters', undefined)).to.equal(0)
  })

  it('of call() is told: the options', async () => {
    const options: [options: unknown, option: string][] = [
      ...[null, 5, 'text', [], true].map((given): [unknown, string] => [given, 'options']),
      [{ timeOut: 5 }, 'timeOut'],
      [{ timeout: 0 }, 'timeout'],
      [{ timeout: '5' }, 'timeout'],
      [{ timeout: NaN }, 'timeout'],
      [{ signal: {} }, 'signal'],
      [{ signal: new AbortController() }, 'signal'],
      [{ idempotent: 1 }, 'idempotent'],
      [{ affinity: {} }, 'affinity'],
      [{ affinity: NaN }, 'affinity']
    ]
    for (const [given, option] of options) {
      for (const target of [loosePool, looseSet]) {
        const call = target.call('plain-functions', 'add', [1, 2], given)
        expectTold(await rejectionOf(call), 'ERR_SPACEPOOL_INVALID_OPTION', option)
      }
    }
  })

  it('of close() is told, and the pool stays open', async () => {
    for (const [given, option] of [
      [5, 'options'],
      [null, 'options'],
      [{ timeout: -1 }, 'timeout'],
      [{ timeout: '1' }, 'timeout'],
      [{ timeout: Infinity }, 'timeout'],
      [{ after: 1 }, 'after']
    ] as const) {
      expectTold(await rejectionOf(loosePool.close(given)), 'ERR_SPACEPOOL_INVALID_OPTION', option)
    }
  })

  it('of on() is told', () => {
    for (const listener of [undefined, null, 'text', {}]) {
      const error = thrownBy(() => loosePool.on('close', listener))
      expectTold(error, 'ERR_SPACEPOOL_INVALID_ARGUMENT', 'listener')
    }
  })
})

describe('A value that cannot cross', () => {
  let pool: SpacePool

  before(async () => {
    pool = newPool()
    await pool.add(['values', 'plain-functions'])
  })
  after(destroyPools)

  const revoked = Proxy.revocable({}, {})
  revoked.revoke()
  const throwing = {
    get agent(): never {
      throw new Error('no agent')
    }
  }
  const impossible: [title: string, parameters: unknown[], place: string][] = [
    ['a symbol', [Symbol('s')], 'parameters[0]'],
    ['a symbol in depth', [1, { options: { list: [0, Symbol('s')] } }], 'parameters[1].options.list[1]'],
    ['a promise', [{ promise: Promise.resolve() }], 'parameters[0].promise'],
    ['a WeakMap', [new WeakMap()], 'parameters[0]'],
    ['a getter that throws', [{ options: throwing }], 'parameters[0].options.agent'],
    ['a revoked proxy', [{ proxy: revoked.proxy }], 'parameters[0].proxy']
  ]
  for (const [title, parameters, place] of impossible) {
    it(`is told with its place when it is a parameter: ${title}`, async () => {
      const error = await rejectionOf(pool.call('values', 'echo', parameters))
      expect(error).to.include({ code: 'ERR_SPACEPOOL_NOT_CLONEABLE', place })
      expect(error).to.have.property('reason').that.is.a('string').and.not.equal('')
    })
  }

  const results: [kind: string, place: string][] = [
    ['symbol', 'result'],
    ['promiseInside', 'result.promise'],
    ['weakMap', 'result'],
    ['throwingGetter', 'result.options.agent']
  ]
  for (const [kind, place] of results) {
    it(`is told with its place when it is a result: ${kind}`, async () => {
      const error = await rejectionOf(pool.call('values', 'make', [kind]))
      expect(error).to.include({ code: 'ERR_SPACEPOOL_NOT_CLONEABLE', place })
    })
  }

  it('is told at once when its call would have to wait', async () => {
    const sleeping = [...Array(64).keys()].map(() => pool.call('plain-functions', 'sleep', [30]))
    const error = await rejectionOf(pool.call('values', 'echo', [{ symbol: Symbol('s') }]))
    expect(error).to.include({ code: 'ERR_SPACEPOOL_NOT_CLONEABLE', place: 'parameters[0].symbol' })
    expect(pool.stats()).to.include({ inFlight: 64, queued: 0 })
    await Promise.all(sleeping)
  })

  it('does not affect the space or other calls', async () => {
    const calls = impossible.map(([, parameters]) =>
      pool.call('values', 'echo', parameters).catch(() => 'refused')
    )
    const good = pool.call('values', 'echo', ['good'])
    expect(new Set(await Promise.all(calls))).to.deep.equal(new Set(['refused']))
    expect(await good).to.equal('good')
    expect(pool.stats().spaces[0]).to.include({ generation: 1, inFlight: 0 })
  })
})

function expectTold(error: unknown, code: SpacePoolErrorCode, what: string): void {
  if (!isSpacePoolError(error)) throw error
  const { option, argument, expected, got } = error as unknown as Record<string, unknown>
  expect({ code: error.code, what: option ?? argument }).to.satisfy(
    (told: { code: string; what: string }) => told.code === code && startsWith(told.what, what),
    `${error.message} instead of ${code} for ${what}`
  )
  for (const part of [expected, got]) expect(part).to.be.a('string').and.not.equal('')
  expect(error.message).to.include(String(expected))
}

/** `restart.period` is told for a wrong value of `restart`. */
function startsWith(told: string, what: string): boolean {
  return told === what || told.startsWith(`${what}.`) || told.startsWith(`${what}[`)
}
