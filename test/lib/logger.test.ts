import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { pino } from 'pino'
import { isSpacePoolError } from '../../lib/errors.js'
import { createLogger, type LoggerOption } from '../../lib/logger.js'
import { thrownBy } from '../support/thrown-by.js'

const methods = ['debug', 'info', 'warn', 'error'] as const

describe('The logger of a pool', () => {
  it('is silent where none is asked for', () => {
    for (const input of [undefined, false]) {
      const logger = createLogger(input)
      for (const method of methods) logger[method]({ a: 1 }, 'nothing to see')
      expect(logger.child({ id: 1 })).to.equal(logger)
    }
  })

  it('is the one that is given, whose children carry their bindings', () => {
    const lines: string[] = []
    const given = pino({ level: 'debug' }, { write: (line: string) => lines.push(line) })
    const logger = createLogger(given satisfies LoggerOption)
    expect(logger).to.equal(given)
    logger.child({ id: 1, pid: 7, key: 'semver' }).warn({ code: 'X' }, 'a space crashed')
    const record = JSON.parse(lines[0] ?? '') as object
    expect(record).to.include({ id: 1, pid: 7, key: 'semver', code: 'X', msg: 'a space crashed', level: 40 })
  })

  it('may be another one with the same methods', () => {
    const other = { debug() {}, info() {}, warn() {}, error() {}, child: () => other }
    expect(createLogger(other satisfies LoggerOption)).to.equal(other)
  })

  it('is a new one for true and for options', () => {
    expect(createLogger(true)).to.have.property('level', 'info')
    expect(createLogger({ level: 'fatal' } satisfies LoggerOption)).to.have.property('level', 'fatal')
  })

  for (const [title, input] of [
    ['null', null],
    ['a word', 'info'],
    ['an array', []],
    ['a function', () => {}],
    ['options that pino refuses', { level: 'loud' }],
    ['the console, which has no child loggers', console]
  ] as const) {
    it(`cannot be ${title}`, () => {
      const error = thrownBy(() => createLogger(input))
      if (!isSpacePoolError(error, 'ERR_SPACEPOOL_INVALID_OPTION')) throw error
      expect(error.option).to.equal('logger')
    })
  }

  it('loads pino only for those who want records', async () => {
    const program = `
      require('ts-node/register')
      const { createLogger } = require(${JSON.stringify(resolve('lib/logger.ts'))})
      const loaded = () => Object.keys(require.cache).some((path) => path.includes('/node_modules/pino/'))
      createLogger(undefined)
      const before = loaded()
      createLogger({ level: 'silent' })
      console.log(JSON.stringify([before, loaded()]))`
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', program])
    expect(JSON.parse(stdout)).to.deep.equal([false, true])
  })
})
