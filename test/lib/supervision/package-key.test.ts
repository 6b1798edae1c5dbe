import { expect } from 'chai'
import fc from 'fast-check'
import { parseSetOptions, parsePoolOptions } from '../../../lib/options.js'
import { PackageKeys } from '../../../lib/supervision/package-key.js'
import type { SetSettings } from '../../../lib/settings.js'
import { Refusal } from '../../../lib/wire/refusal.js'
import { thrownBy } from '../../support/thrown-by.js'

const pool = parsePoolOptions(undefined)
const plain: SetSettings = parseSetOptions(undefined, pool)

interface Request {
  name: string
  as?: string
  parameters?: unknown[]
}

function keyOf(keys: PackageKeys, requests: Request[], settings: SetSettings = plain): string {
  const held = requests.map(({ name, as = name, parameters }) => keys.hold({ name, as, parameters }))
  return keys.keyOf(held, settings)
}

describe('The key of a set', () => {
  it('is the sorted names, with their aliases', () => {
    const keys = new PackageKeys('salt', 1000)
    expect(keyOf(keys, [{ name: 'semver' }])).to.equal('semver')
    expect(keyOf(keys, [{ name: 'semver' }, { name: 'lodash', as: 'tools' }])).to.equal(
      'lodash as tools + semver'
    )
  })

  it('does not depend on the order of packages', () => {
    const keys = new PackageKeys('salt', 1000)
    const requests = [{ name: 'a' }, { name: 'b', as: 'x' }, { name: 'c', parameters: [1, { two: 2 }] }]
    fc.assert(
      fc.property(fc.shuffledSubarray(requests, { minLength: 3 }), (shuffled) => {
        expect(keyOf(keys, shuffled)).to.equal(keyOf(keys, requests))
      }),
      { numRuns: 20 }
    )
  })

  it('tells parameters apart, also none from empty ones, and never contains their values', () => {
    const keys = new PackageKeys('salt', 10_000)
    const parameters = [undefined, [], ['secret'], [{ password: 'secret' }], [0], [-0], [new Map([[1, 2]])]]
    const made = parameters.map((each) =>
      keyOf(keys, [{ name: 'a', ...(each === undefined ? {} : { parameters: each }) }])
    )
    expect(new Set(made)).to.have.property('size', parameters.length)
    for (const key of made) expect(key).to.match(/^a(#[\da-f]{12})?$/)
  })

  it('is the same for equal parameters in one pool, and another in another pool', () => {
    const [one, other] = [new PackageKeys('salt', 1000), new PackageKeys('pepper', 1000)]
    const request = (): Request[] => [{ name: 'a', parameters: [{ user: 'me', list: [1, 2] }] }]
    expect(keyOf(one, request())).to.equal(keyOf(one, request()))
    expect(keyOf(one, request())).to.not.equal(keyOf(other, request()))
  })

  it('counts functions among the parameters by identity', () => {
    const keys = new PackageKeys('salt', 1000)
    const make = () => (): number => 1
    const [first, second] = [make(), make()]
    const key = (each: () => number): string => keyOf(keys, [{ name: 'a', parameters: [{ each }] }])
    expect(key(first)).to.equal(key(first))
    expect(key(first)).to.not.equal(key(second))
  })

  it('tells binary parameters apart that are too large for a frame', () => {
    const keys = new PackageKeys('salt', 1_000_000)
    const key = (fill: number): string =>
      keyOf(keys, [{ name: 'a', parameters: [Buffer.alloc(200_000, fill)] }])
    expect(key(1)).to.equal(key(1))
    expect(key(1)).to.not.equal(key(2))
  })

  it('names the paths where they were given for the set', () => {
    const keys = new PackageKeys('salt', 1000)
    const settings = parseSetOptions({ paths: ['/one', '/two'] }, pool)
    expect(keyOf(keys, [{ name: 'a' }], settings)).to.equal('a in /one:/two')
  })

  it('tells sets apart whose names hold what stands between names', () => {
    const keys = new PackageKeys('salt', 1000)
    const key = (...packages: { name: string; as?: string }[]): string => keyOf(keys, packages)
    expect(key({ name: '/a' }, { name: 'path' })).to.equal('/a + path')
    expect(key({ name: '/a + path' })).to.equal('"/a + path"')
    expect(key({ name: '/a', as: 'b' })).to.not.equal(key({ name: '/a as b' }))
    const paths = (...each: string[]): string =>
      keyOf(keys, [{ name: 'a' }], parseSetOptions({ paths: each }, pool))
    expect(paths('/one', '/two')).to.not.equal(paths('/one:/two'))
    expect(key({ name: '/a in /b' })).to.not.equal(
      keyOf(keys, [{ name: '/a' }], parseSetOptions({ paths: ['/b'] }, pool))
    )
  })

  it('keeps parameters as they were, and refuses what cannot cross or is too large', () => {
    const keys = new PackageKeys('salt', 1000)
    const parameters = [{ amount: 1 }]
    const held = keys.hold({ name: 'a', as: 'a', parameters })
    const before = Buffer.from(held.parameters?.bytes ?? [])
    parameters[0] = { amount: 2 }
    expect(Buffer.from(held.parameters?.bytes ?? []).equals(before)).to.equal(true)
    const symbol = thrownBy(() => keys.hold({ name: 'a', as: 'a', parameters: [{ x: Symbol('s') }] }))
    expect(symbol).to.be.instanceOf(Refusal)
    expect(symbol).to.deep.include({ code: 'NOT_CLONEABLE' })
    const large = thrownBy(() => keys.hold({ name: 'a', as: 'a', parameters: ['x'.repeat(2000)] }))
    expect(large).to.deep.include({ code: 'TOO_LARGE' })
  })
})
