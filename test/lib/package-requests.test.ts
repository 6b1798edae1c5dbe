import { expect } from 'chai'
import { parsePackages } from '../../lib/package-requests.js'

describe('The packages that are asked for', () => {
  it('are one name or several', () => {
    const semver = { name: 'semver', as: 'semver', parameters: undefined }
    expect(parsePackages('semver')).to.deep.equal([semver])
    expect(parsePackages(['node:fs', 'semver'])).to.deep.equal([
      { name: 'fs', as: 'fs', parameters: undefined },
      semver
    ])
  })

  it('have a name of their own in the set where one is given, and parameters', () => {
    const parameters = [{ a: 1 }]
    const requests = parsePackages({ name: 'lru-cache', as: 'cache', parameters })
    expect(requests).to.deep.equal([{ name: 'lru-cache', as: 'cache', parameters }])
    expect(requests[0]?.parameters).not.to.equal(parameters)
  })

  it('may be one package twice, under two names', () => {
    const requests = parsePackages(['lru-cache', { name: 'lru-cache', as: 'cache', parameters: [] }])
    expect(requests.map(({ as }) => as)).to.deep.equal(['lru-cache', 'cache'])
  })

  it('have no parameters where these are undefined', () => {
    expect(parsePackages({ name: 'a', as: undefined, parameters: undefined })).to.deep.equal(
      parsePackages('a')
    )
  })

  it('are read from own properties only', () => {
    expect(() => parsePackages(Object.create({ name: 'semver' }))).to.throw('Argument "packages.name"')
    const spec = Object.assign(Object.create({ as: 'other', parameters: [1] }) as object, { name: 'semver' })
    expect(parsePackages(spec)).to.deep.equal(parsePackages('semver'))
  })

  for (const [title, value, message] of [
    [
      'nothing',
      undefined,
      'Argument "packages": expected the name of a package, or { name, as, parameters }, got undefined'
    ],
    ['an empty array', [], 'Argument "packages": expected at least one package'],
    ['a number', [1], 'Argument "packages[0]"'],
    ['null', null, 'Argument "packages"'],
    ['an array in the array', [['a']], 'Argument "packages[0]"'],
    ['a hole', Array<string>(1), 'Argument "packages[0]"'],
    ['a spec without a name', {}, 'Argument "packages.name": expected the name of a package, got undefined'],
    [
      'an unknown member',
      [{ name: 'a', version: '1' }],
      'Argument "packages[0].version": expected one of name, as, parameters'
    ],
    [
      'parameters that are no array',
      { name: 'a', parameters: 'b' },
      'Argument "packages.parameters": expected an array'
    ],
    [
      'an alias that is no name',
      { name: 'a', as: 'b c' },
      'Argument "packages.as": "b c" cannot be the name'
    ],
    ['a bad name', ['a', '../x'], '"../x" cannot be the name of a package'],
    ['a package twice', ['fs', 'node:fs'], 'Argument "packages[1]": expected a package once'],
    [
      'a name that an alias has',
      ['b', { name: 'a', as: 'b' }],
      'Argument "packages[1]": expected a package once'
    ]
  ] as const) {
    it(`cannot be ${title}`, () => expect(() => parsePackages(value)).to.throw(message))
  }
})
