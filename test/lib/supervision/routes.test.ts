import { expect } from 'chai'
import { findRoute, type RoutedSet } from '../../../lib/supervision/routes.js'

function sets(holdings: Record<string, string[]>): Map<string, RoutedSet> {
  return new Map(
    Object.entries(holdings).map(([key, names]) => [key, { key, holds: (name) => names.includes(name) }])
  )
}

function routeIn(holdings: Record<string, string[]>, name: string): [key: string, name: string] {
  const route = findRoute(sets(holdings), name)
  return [route.set.key, route.name]
}

describe('The route of a call by a name', () => {
  it('leads to the set whose key is exactly that name, though others hold it too', () => {
    const holdings = { semver: ['semver'], 'lodash,semver': ['lodash', 'semver'] }
    expect(routeIn(holdings, 'semver')).to.deep.equal(['semver', 'semver'])
  })

  it('leads to the only set that holds it', () => {
    expect(routeIn({ 'lodash,semver': ['lodash', 'semver'] }, 'lodash')).to.deep.equal([
      'lodash,semver',
      'lodash'
    ])
  })

  it('takes a name as it was written before what it stands for', () => {
    expect(routeIn({ fs: ['fs'] }, 'node:fs')).to.deep.equal(['fs', 'fs'])
    expect(routeIn({ fs: ['fs'], 'x:1': ['node:fs'] }, 'node:fs')).to.deep.equal(['x:1', 'node:fs'])
  })

  it('is refused with the candidates when several sets hold it and none is called so', () => {
    const holdings = { 'a,b': ['a', 'b'], 'b,c': ['b', 'c'] }
    expect(() => findRoute(sets(holdings), 'b'))
      .to.throw()
      .that.includes({ code: 'ERR_SPACEPOOL_AMBIGUOUS_PACKAGE' })
      .and.has.deep.property('candidates', ['a,b', 'b,c'])
  })

  it('is refused when no set holds it', () => {
    expect(() => findRoute(sets({ a: ['a'] }), 'b'))
      .to.throw()
      .that.includes({ code: 'ERR_SPACEPOOL_PACKAGE_NOT_ADDED', package: 'b' })
  })

  it('is refused when it cannot be a name', () => {
    expect(() => findRoute(sets({}), '../b'))
      .to.throw()
      .that.includes({ code: 'ERR_SPACEPOOL_INVALID_NAME' })
  })

  it('does not lead to a set that is called so and holds it under another name', () => {
    expect(() => findRoute(sets({ b: ['other'] }), 'b'))
      .to.throw()
      .that.includes({ code: 'ERR_SPACEPOOL_PACKAGE_NOT_ADDED' })
  })
})
