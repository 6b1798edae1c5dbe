import { resolve } from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'
import { isSpacePoolError } from '../../lib/errors.js'
import { conflictingOption, parsePoolOptions, parseSetOptions } from '../../lib/options.js'
import type { PackageSetOptions, SpacePoolOptions } from '../../lib/options.js'
import { thrownBy } from '../support/thrown-by.js'

const restart = {
  intensity: 5,
  period: 60_000,
  minBackoff: 100,
  maxBackoff: 30_000,
  minLife: 10_000,
  startsPerSecond: 10
}

describe('The options of a pool', () => {
  it('have defaults', () => {
    const { paths, allow, process: forSpaces, ...settings } = parsePoolOptions(undefined)
    const { env, ...start } = forSpaces
    expect(settings).to.deep.equal({
      ...{
        maxSpaces: 16,
        spares: 0,
        inactivityTimeout: 3_600_000,
        replicas: { min: 1, max: 1 },
        concurrency: 64
      },
      ...{
        maxQueue: 10_000,
        maxBytes: 268_435_456,
        callTimeout: undefined,
        restart,
        stop: { ask: 1000, terminate: 2000 }
      },
      ...{
        recycle: { maxCalls: Infinity, maxAge: Infinity, maxMemory: Infinity, hardMemory: Infinity },
        heartbeat: { interval: 1000, missed: 3 }
      },
      ...{ logger: undefined, ref: false, context: undefined, given: [] }
    })
    expect(start).to.deep.equal({
      ...{ execPath: process.execPath, execArgv: [], cwd: process.cwd(), uid: undefined, gid: undefined },
      ...{ stdio: 'captured', handles: false, ref: false }
    })
    expect(paths).to.include(resolve('node_modules'))
    expect(allow('semver')).to.be.true
    expect(env.PATH).to.equal(process.env.PATH)
  })

  const good: [string, SpacePoolOptions, object][] = [
    ['a number of spaces', { maxSpaces: 2 }, { maxSpaces: 2 }],
    ['as many spares as spaces', { maxSpaces: 2, spares: 2 }, { spares: 2 }],
    ['inactivity in milliseconds', { inactivityTimeout: 0.5 }, { inactivityTimeout: 0.5 }],
    ['more inactivity than a timer holds', { inactivityTimeout: 1e12 }, { inactivityTimeout: 1e12 }],
    ['no eviction by 0', { inactivityTimeout: 0 }, { inactivityTimeout: Infinity }],
    ['no eviction by Infinity', { inactivityTimeout: Infinity }, { inactivityTimeout: Infinity }],
    ['folders, made absolute', { paths: ['a'] }, { paths: [resolve('a')] }],
    ['a number of replicas', { replicas: 3 }, { replicas: { min: 3, max: 3 } }],
    ['a range of replicas', { replicas: { min: 1, max: 4 } }, { replicas: { min: 1, max: 4 } }],
    ['calls in flight', { concurrency: 65_535 }, { concurrency: 65_535 }],
    ['no queue', { maxQueue: 0 }, { maxQueue: 0 }],
    ['the size of a value', { maxBytes: 1 }, { maxBytes: 1 }],
    ['a time for calls', { callTimeout: 100 }, { callTimeout: 100 }],
    ['no time for calls by Infinity', { callTimeout: Infinity }, { callTimeout: undefined }],
    ['a part of restart', { restart: { intensity: 1 } }, { restart: { ...restart, intensity: 1 } }],
    [
      'restarts without limits',
      { restart: { intensity: Infinity, minBackoff: 0, maxBackoff: 0, startsPerSecond: Infinity } },
      {
        restart: { ...restart, intensity: Infinity, minBackoff: 0, maxBackoff: 0, startsPerSecond: Infinity }
      }
    ],
    ['a short interval', { heartbeat: { interval: 10 } }, { heartbeat: { interval: 10, missed: 3 } }],
    [
      'no heartbeat by Infinity',
      { heartbeat: { interval: Infinity } },
      { heartbeat: { interval: Infinity, missed: 3 } }
    ],
    ['a part of stop', { stop: { ask: 0 } }, { stop: { ask: 0, terminate: 2000 } }],
    ['a logger, looked at later', { logger: true }, { logger: true }],
    ['ref', { ref: true }, { ref: true }],
    ['a function for context', { context: Date.now }, { context: Date.now }],
    [
      'undefined for not given',
      { maxSpaces: undefined, restart: undefined, ref: undefined },
      { maxSpaces: 16, ref: false }
    ]
  ]
  for (const [title, options, expected] of good) {
    it(`take ${title}`, () => expect(parsePoolOptions(options)).to.deep.include(expected))
  }

  const goodForProcesses: [string, SpacePoolOptions, object][] = [
    ['flags', { execArgv: ['--expose-gc'] }, { execArgv: ['--expose-gc'] }],
    ['another Node', { execPath: '/opt/node' }, { execPath: '/opt/node' }],
    ['a folder, made absolute', { cwd: 'lib' }, { cwd: resolve('lib') }],
    ['a user and a group', { uid: 0, gid: 1000 }, { uid: 0, gid: 1000 }],
    ['a place for output', { stdio: 'ignore' }, { stdio: 'ignore' }],
    ['handles', { handles: true }, { handles: true }],
    ['ref', { ref: true }, { ref: true }]
  ]
  for (const [title, options, expected] of goodForProcesses) {
    it(`take ${title} for processes`, () =>
      expect(parsePoolOptions(options).process).to.deep.include(expected))
  }

  const bad: [string, unknown, string, RegExp][] = [
    ['no record', 5, 'options', /an object/],
    ['null', null, 'options', /an object/],
    ['an array', [], 'options', /an object/],
    ['a promise that was not awaited', Promise.resolve({ maxSpaces: 1 }), 'options', /an object/],
    ['a Map', new Map([['maxSpaces', 1]]), 'options', /an object/],
    ['a Date for a record', { restart: new Date() }, 'restart', /an object/],
    ['null for replicas', { replicas: null }, 'replicas', /from 1 to 16, or \{ min, max \}/],
    ['an unknown one', { maxSpace: 1 }, 'maxSpace', /one of .*maxSpaces/],
    ['an unknown one that is undefined', { maxSpace: undefined }, 'maxSpace', /one of /],
    ['null as a value', { maxSpaces: null }, 'maxSpaces', /an integer of at least 1/],
    ['no space', { maxSpaces: 0 }, 'maxSpaces', /an integer of at least 1/],
    ['part of a space', { maxSpaces: 1.5 }, 'maxSpaces', /an integer/],
    ['a number as a string', { maxSpaces: '4' }, 'maxSpaces', /an integer/],
    ['endless spaces', { maxSpaces: Infinity }, 'maxSpaces', /an integer/],
    ['more spares than spaces', { maxSpaces: 2, spares: 3 }, 'spares', /from 0 to 2/],
    [
      'negative inactivity',
      { inactivityTimeout: -1 },
      'inactivityTimeout',
      /^a number of milliseconds of at least 0, or Infinity$/
    ],
    ['inactivity that is no number', { inactivityTimeout: NaN }, 'inactivityTimeout', /milliseconds/],
    ['a path for paths', { paths: '/a' }, 'paths', /an array/],
    ['another thing for allow', { allow: 'semver' }, 'allow', /an array of names, or a function/],
    ['no replica', { replicas: 0 }, 'replicas', /from 1 to 16/],
    ['more replicas than spaces', { replicas: 17 }, 'replicas', /from 1 to 16/],
    ['a word for replicas', { replicas: 'auto' }, 'replicas', /an integer from 1 to 16, or \{ min, max \}/],
    ['replicas without max', { replicas: { min: 1 } }, 'replicas.max', /from 1 to 16/],
    ['replicas without min', { replicas: { max: 1 } }, 'replicas.min', /from 1 to 16/],
    ['more replicas at least than at most', { replicas: { min: 3, max: 2 } }, 'replicas.max', /from 3 to 16/],
    ['an unknown member of replicas', { replicas: { min: 1, max: 2, step: 1 } }, 'replicas.step', /min, max/],
    ['no concurrency', { concurrency: 0 }, 'concurrency', /from 1 to 65535/],
    ['too much concurrency', { concurrency: 65_536 }, 'concurrency', /from 1 to 65535/],
    ['an endless queue', { maxQueue: Infinity }, 'maxQueue', /an integer/],
    ['values of 2 GiB', { maxBytes: 2 ** 31 }, 'maxBytes', /from 1 to 2147483647/],
    ['no time for calls by 0', { callTimeout: 0 }, 'callTimeout', /above 0, or Infinity/],
    ['another word for env', { env: 'all' }, 'env', /'inherit'/],
    ['NODE_OPTIONS', { env: { NODE_OPTIONS: '--inspect' } }, 'env', /execArgv/],
    ['an empty folder', { cwd: '' }, 'cwd', /a string/],
    ['NUL in a path', { execPath: '/bin/node\0' }, 'execPath', /NUL/],
    ['flags in one string', { execArgv: '--expose-gc' }, 'execArgv', /an array of strings/],
    ['a flag that is no string', { execArgv: ['-r', 1] }, 'execArgv[1]', /a string/],
    ['a user by name', { uid: 'root' }, 'uid', /an integer/],
    ['a negative group', { gid: -1 }, 'gid', /an integer/],
    ['pipes', { stdio: 'pipe' }, 'stdio', /'captured' or 'inherit' or 'ignore'/],
    ['a word for handles', { handles: 'yes' }, 'handles', /true or false/],
    ['a number for restart', { restart: 5 }, 'restart', /an object/],
    ['an unknown member of restart', { restart: { retries: 1 } }, 'restart.retries', /intensity/],
    ['a negative intensity', { restart: { intensity: -1 } }, 'restart.intensity', /or Infinity/],
    ['part of a restart', { restart: { intensity: 0.5 } }, 'restart.intensity', /an integer/],
    ['an endless period', { restart: { period: Infinity } }, 'restart.period', /finite/],
    ['no period', { restart: { period: 0 } }, 'restart.period', /at least 1/],
    [
      'a wait that shrinks',
      { restart: { minBackoff: 31_000 } },
      'restart.minBackoff',
      /at most maxBackoff, which is 30000/
    ],
    [
      'a last wait below the first',
      { restart: { maxBackoff: 99 } },
      'restart.maxBackoff',
      /at least minBackoff, which is 100/
    ],
    [
      'no start at all',
      { restart: { startsPerSecond: 0 } },
      'restart.startsPerSecond',
      /above 0, or Infinity/
    ],
    [
      'signs of life faster than timers',
      { heartbeat: { interval: 9.9 } },
      'heartbeat.interval',
      /^a number of milliseconds of at least 10, or Infinity$/
    ],
    ['an interval that is no number', { heartbeat: { interval: NaN } }, 'heartbeat.interval', /at least 10/],
    ['a word for an interval', { heartbeat: { interval: '50' } }, 'heartbeat.interval', /at least 10/],
    ['an endless wait before SIGTERM', { stop: { ask: Infinity } }, 'stop.ask', /finite/],
    ['an unknown member of stop', { stop: { kill: 1 } }, 'stop.kill', /ask, terminate/],
    ['a number for ref', { ref: 1 }, 'ref', /true or false/],
    ['a text for context', { context: 'trace' }, 'context', /a function/]
  ]
  for (const [title, options, option, expected] of bad) {
    it(`refuse ${title}`, () => {
      const error = thrownBy(() => parsePoolOptions(options))
      if (!isSpacePoolError(error, 'ERR_SPACEPOOL_INVALID_OPTION')) throw error
      expect(error.option).to.equal(option)
      expect(error.expected).to.match(expected)
      expect(error.got).not.to.equal('')
    })
  }

  it('are own properties only, in every record', () => {
    const polluted = { maxSpaces: 1, unknown: 1, min: 5, ask: 5, intensity: 1, TOKEN: 'x' }
    const record = () => Object.create(polluted) as object
    const settings = parsePoolOptions(
      Object.assign(record(), { stop: record(), restart: record(), env: record() })
    )
    expect(settings).to.deep.include({ maxSpaces: 16, stop: { ask: 1000, terminate: 2000 }, restart })
    expect(settings.process.env).not.to.have.property('TOKEN')
  })

  it('are not changed by a polluted Object.prototype', () => {
    const before = parsePoolOptions({})
    const polluted: Record<string, number> = {
      maxSpaces: 1,
      concurrency: 1,
      ref: 1,
      context: 1,
      uid: 0,
      min: 1,
      terminate: 1
    }
    const prototype = Object.prototype as unknown as Record<string, unknown>
    try {
      Object.assign(prototype, polluted)
      const after = parsePoolOptions({ stop: {}, restart: {} })
      expect(Object.entries(after.process)).to.deep.equal(Object.entries(before.process))
      expect(Object.entries(after).filter(([name]) => name !== 'given')).to.deep.equal(
        Object.entries(before).filter(([name]) => name !== 'given')
      )
    } finally {
      for (const name of Object.keys(polluted)) delete prototype[name]
    }
  })

  it('make a record that is frozen, but for the environment, which Node may add to', () => {
    const settings = parsePoolOptions({ replicas: 2, restart: {}, stop: {}, execArgv: ['-r'] })
    const { process: forSpaces } = settings
    for (const record of [
      settings,
      settings.replicas,
      settings.restart,
      settings.stop,
      settings.paths,
      settings.given
    ]) {
      expect(record).to.be.frozen
    }
    expect(forSpaces).to.be.frozen
    expect(forSpaces.execArgv).to.be.frozen
    expect(forSpaces.env).not.to.be.frozen
  })

  it('are read or refused with a typed error, whatever they are', () => {
    const names = [
      ...Object.keys(parsePoolOptions({})),
      'env',
      'cwd',
      'execArgv',
      'execPath',
      'uid',
      'stdio',
      'other'
    ]
    const given = fc.dictionary(
      fc.constantFrom(...names),
      fc.anything({ withBigInt: true, withNullPrototype: true })
    )
    fc.assert(
      fc.property(given, (options) => {
        try {
          return parsePoolOptions(options).concurrency >= 1
        } catch (error) {
          return isSpacePoolError(error, 'ERR_SPACEPOOL_INVALID_OPTION')
        }
      }),
      { numRuns: 300 }
    )
  })
})

describe('The options of a set', () => {
  const pool = parsePoolOptions({
    maxSpaces: 4,
    concurrency: 8,
    env: { A: 'pool' },
    restart: { intensity: 2 }
  })

  it('are those of the pool where none are given', () => {
    const settings = parseSetOptions(undefined, pool)
    const names = [
      'replicas',
      'concurrency',
      'maxQueue',
      'callTimeout',
      'inactivityTimeout',
      'paths',
      'restart'
    ] as const
    for (const name of names) expect(settings[name]).to.equal(pool[name])
    expect(settings.process).to.deep.equal(pool.process)
    expect(settings.given).to.deep.equal([])
    expect(settings).to.be.frozen
  })

  it('override those of the pool and tell which they are', () => {
    const settings = parseSetOptions(
      { concurrency: 2, env: { B: 'set' }, restart: { period: 10 }, uid: undefined },
      pool
    )
    expect(settings).to.deep.include({ concurrency: 2, maxQueue: pool.maxQueue })
    expect(settings.restart).to.deep.equal({ ...restart, intensity: 2, period: 10 })
    expect(settings.process.env).to.include({ B: 'set' }).and.not.to.have.property('A')
    expect(settings.given).to.deep.equal(['concurrency', 'env', 'restart'])
  })

  it('are bounded by the spaces of the pool', () => {
    expect(() => parseSetOptions({ replicas: 5 }, pool)).to.throw(
      'Option "replicas": expected an integer from 1 to 4'
    )
  })

  it('do not have the options that only a pool has', () => {
    for (const name of [
      'maxSpaces',
      'spares',
      'allow',
      'maxBytes',
      'execPath',
      'stop',
      'logger',
      'ref',
      'context'
    ]) {
      expect(() => parseSetOptions({ [name]: undefined }, pool)).to.throw(`There is no option "${name}" here`)
    }
    expect(() => parseSetOptions({ restart: { startsPerSecond: 1 } }, pool)).to.throw(
      '"restart.startsPerSecond"'
    )
  })
})

describe('A set that is added again', () => {
  const pool = parsePoolOptions({ concurrency: 8 })
  const conflict = (existing?: PackageSetOptions, wanted?: PackageSetOptions) =>
    conflictingOption(parseSetOptions(existing, pool), parseSetOptions(wanted, pool))

  it('agrees where no options are given', () => {
    expect(conflict({ concurrency: 2, env: { A: '1' } })).to.equal(undefined)
  })

  it('agrees where the given options are as they were', () => {
    const options = { concurrency: 2, env: { A: '1' }, replicas: { min: 1, max: 2 }, restart: { period: 9 } }
    expect(conflict(options, { ...options })).to.equal(undefined)
    expect(conflict({}, { concurrency: 8, replicas: 1, inactivityTimeout: 3_600_000 })).to.equal(undefined)
  })

  for (const [option, existing, wanted] of [
    ['concurrency', { concurrency: 2 }, { concurrency: 3 }],
    ['concurrency', {}, { maxQueue: 10_000, concurrency: 9 }],
    ['env', { env: { A: '1' } }, { env: { A: '2' } }],
    ['cwd', {}, { cwd: '/elsewhere' }],
    ['replicas', { replicas: 2 }, { replicas: { min: 1, max: 2 } }],
    ['restart', { restart: { period: 9 } }, { restart: { period: 8 } }],
    ['callTimeout', { callTimeout: 1 }, { callTimeout: Infinity }]
  ] as const) {
    it(`conflicts in ${option} with ${JSON.stringify(wanted)}`, () => {
      expect(conflict(existing, wanted)).to.equal(option)
    })
  }
})
