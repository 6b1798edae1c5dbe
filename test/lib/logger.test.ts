import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { pino } from 'pino'
import { isSpacePoolError } from '../../lib/errors.js'
import { createLogger, type LoggerOption } from '../../lib/logger.js'
import { thrownBy } from '../support/thrown-by.js'

function fail(): never {
  throw new Error('a serializer failed')
}

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
    logger.child({ id: 1, pid: 7, key: 'semver' }).warn({ code: 'X' }, 'a space crashed')
    const record = JSON.parse(lines[0] ?? '') as object
    expect(record).to.include({ id: 1, pid: 7, key: 'semver', code: 'X', msg: 'a space crashed', level: 40 })
  })

  it('may be another one with the same methods', () => {
    const records: unknown[] = []
    const other = {
      debug: (...record: unknown[]) => records.push('debug', ...record),
      info: (...record: unknown[]) => records.push('info', ...record),
      warn: (...record: unknown[]) => records.push('warn', ...record),
      error: (...record: unknown[]) => records.push('error', ...record),
      child: () => other
    }
    const logger = createLogger(other satisfies LoggerOption).child({ id: 1 })
    for (const method of methods) logger[method]({ method }, 'told')
    expect(records).to.deep.equal(methods.flatMap((method) => [method, { method }, 'told']))
  })

  it('is a new one for true and for options', async () => {
    const program = `
      require('ts-node/register')
      const { createLogger } = require(${JSON.stringify(resolve('lib/logger.ts'))})
      for (const option of [true, { level: 'error' }]) {
        const logger = createLogger(option)
        logger.info({ option }, 'space ready')
        logger.error({ option }, 'space crashed')
      }`
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', program])
    const records = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { msg: string })
    expect(records.map(({ msg }) => msg)).to.deep.equal(['space ready', 'space crashed', 'space crashed'])
  })

  it('tells in words what it cannot write, and throws nothing', () => {
    const lines: string[] = []
    const given = pino({ serializers: { key: fail } }, { write: (line: string) => lines.push(line) })
    const logger = createLogger(given)
    const stack = { toString: 1 }
    const err = Object.assign(new Error('failed'), { cause: { message: 'because', stack } })
    logger.error({ err, package: 'odd', list: [1] }, 'a callback failed')
    const record = JSON.parse(lines[0] ?? '') as object
    expect(record).to.include({
      err: 'failed',
      package: 'odd',
      list: 'an array of 1',
      msg: 'a callback failed'
    })
    logger.error({ key: 'x' }, 'fails at any rate')
    logger.child({ key: 'x' }).info({}, 'still told')
    expect(lines).to.have.lengthOf(2)
    expect(lines[1]).to.include('still told')
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
