import { expect } from 'chai'
import { environment, harmless } from '../../lib/environment.js'
import { isSpacePoolError } from '../../lib/errors.js'
import { thrownBy } from '../support/thrown-by.js'

const host = {
  ...{
    PATH: '/bin',
    HOME: '/root',
    LC_ALL: 'C',
    LANG: 'C',
    TZ: 'UTC',
    https_proxy: 'http://p',
    HTTP_PROXY: 'http://q'
  },
  ...{
    NODE_ENV: 'test',
    TOKEN: 'secret',
    NODE_OPTIONS: '--inspect',
    NODE_EXTRA_CA_CERTS: '/ca',
    LD_PRELOAD: '/x.so'
  },
  empty: undefined
}
const passed = ['HOME', 'HTTP_PROXY', 'LANG', 'LC_ALL', 'NODE_ENV', 'PATH', 'TZ', 'https_proxy']

const posix = (value: unknown) => environment(host, false)(value, 'env')
const names = (record: object) => Object.keys(record).sort()

describe('The environment of spaces', () => {
  it('has only the harmless variables of the host by default', () => {
    expect(names(harmless(host, false))).to.deep.equal(passed)
    expect(harmless(host, false).PATH).to.equal('/bin')
  })

  it('has no prototype, because Node would pass on what is inherited', () => {
    for (const record of [harmless(host, false), posix('inherit'), posix(['TOKEN']), posix({ A: '1' })]) {
      expect(Object.getPrototypeOf(record)).to.equal(null)
    }
  })

  it('has the variables that an array names, where the host has them', () => {
    const record = posix(['TOKEN', 'NODE_EXTRA_CA_CERTS', 'ABSENT', 'empty'])
    expect(names(record)).to.deep.equal([...passed, 'TOKEN', 'NODE_EXTRA_CA_CERTS'].sort())
  })

  it('has what a record adds and overrides, and not what it sets to undefined', () => {
    const record = posix({ PATH: '/other', NEW: '', HOME: undefined, ABSENT: undefined })
    expect(names(record)).to.deep.equal([...passed, 'NEW'].filter((name) => name !== 'HOME').sort())
    expect(record.PATH).to.equal('/other')
  })

  it('has everything but NODE_OPTIONS where it is inherited', () => {
    expect(names(posix('inherit'))).to.deep.equal(
      names(host).filter((name) => !['NODE_OPTIONS', 'empty'].includes(name))
    )
  })

  it('keeps a variable that is called __proto__ a variable', () => {
    const record = posix(JSON.parse('{ "__proto__": "x" }'))
    expect(Object.getOwnPropertyDescriptor(record, '__proto__')?.value).to.equal('x')
  })

  it('ignores the prototype of a record', () => {
    expect(posix(Object.create({ TOKEN: 'stolen' }))).not.to.have.property('TOKEN')
  })

  const bad: [string, unknown, string, RegExp][] = [
    ['a number', 1, 'env', /'inherit', an array/],
    ['null', null, 'env', /'inherit', an array/],
    ['a Map', new Map([['A', '1']]), 'env', /'inherit', an array/],
    ['a Set', new Set(['A']), 'env', /'inherit', an array/],
    ['another word', 'all', 'env', /'inherit', an array/],
    ['a name that is no string', ['A', 1], 'env[1]', /name of a variable/],
    ['a hole', Array(1), 'env[0]', /name of a variable/],
    ['an empty name', [''], 'env[0]', /name of a variable/],
    ['a name with =', { 'A=B': '1' }, 'env', /name of a variable/],
    ['a value that is no string', { A: 1 }, 'env.A', /a string without NUL/],
    ['null as a value', { A: null }, 'env.A', /a string without NUL/],
    ['a value with NUL', { A: 'a\0b' }, 'env.A', /a string without NUL/],
    ['NODE_OPTIONS by name', ['NODE_OPTIONS'], 'env[0]', /execArgv/],
    ['NODE_OPTIONS by value', { NODE_OPTIONS: '--inspect' }, 'env', /execArgv/]
  ]
  for (const [title, value, option, expected] of bad) {
    it(`refuses ${title}`, () => {
      const error = thrownBy(() => posix(value))
      if (!isSpacePoolError(error, 'ERR_SPACEPOOL_INVALID_OPTION')) throw error
      expect(error.option).to.equal(option)
      expect(error.expected).to.match(expected)
    })
  }

  it('does not tell the value of a variable in an error', () => {
    const error = thrownBy(() => posix({ TOKEN: 'hunter2\0' })) as Error
    expect(error.message).not.to.include('hunter2')
  })
})

describe('The environment of spaces on Windows', () => {
  const windowsHost = {
    Path: 'C:\\bin',
    SystemRoot: 'C:\\Windows',
    'ProgramFiles(x86)': 'C:\\P',
    Token: 's',
    node_options: '-x'
  }
  const windows = (value: unknown) => environment(windowsHost, true)(value, 'env')

  it('also has what Windows needs, in the case of the host', () => {
    expect(names(harmless(windowsHost, true))).to.deep.equal(['Path', 'ProgramFiles(x86)', 'SystemRoot'])
  })

  it('finds names in any case', () => {
    expect(windows(['TOKEN'])).to.have.property('Token', 's')
    expect(names(windows({ PATH: 'D:\\bin', systemroot: undefined }))).to.deep.equal([
      'PATH',
      'ProgramFiles(x86)'
    ])
    expect(windows('inherit')).not.to.have.property('node_options')
    expect(() => windows({ Node_Options: '-x' })).to.throw(/execArgv/)
  })
})
