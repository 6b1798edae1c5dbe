import { expect } from 'chai'
import { SetRegistry } from '../../../lib/supervision/set-registry.js'

interface FakeSet {
  readonly key: string
  readonly names: string[]
  holds(name: string): boolean
}

function fakeSet(key: string, ...names: string[]): FakeSet {
  return { key, names, holds: (name) => names.includes(name) }
}

describe('The sets of a pool', () => {
  it('are found by their key, until they are forgotten', () => {
    const registry = new SetRegistry<FakeSet>()
    const [semver, both] = [fakeSet('semver', 'semver'), fakeSet('lodash + semver', 'lodash', 'semver')]
    registry.enter(semver)
    registry.enter(both)
    expect(registry.all).to.deep.equal([semver, both])
    expect([registry.get('semver'), registry.has(semver)]).to.deep.equal([semver, true])
    registry.forget(semver)
    expect([registry.get('semver'), registry.has(semver)]).to.deep.equal([undefined, false])
    expect(registry.all).to.deep.equal([both])
  })

  it('stay when one with the same key is forgotten that was there before', () => {
    const registry = new SetRegistry<FakeSet>()
    const [old, fresh] = [fakeSet('semver', 'semver'), fakeSet('semver', 'semver')]
    registry.enter(old)
    registry.forget(old)
    registry.enter(fresh)
    registry.forget(old)
    expect([registry.has(old), registry.has(fresh)]).to.deep.equal([false, true])
  })

  it('keep the route of a name that was found once', () => {
    const registry = new SetRegistry<FakeSet>()
    registry.enter(fakeSet('semver', 'semver'))
    expect(registry.knownRoute('semver')).to.equal(undefined)
    const route = registry.findRoute('semver')
    expect(registry.knownRoute('semver')).to.equal(route)
  })

  it('keep no route of a name that leads nowhere', () => {
    const registry = new SetRegistry<FakeSet>()
    expect(() => registry.findRoute('semver'))
      .to.throw()
      .that.includes({ code: 'ERR_SPACEPOOL_PACKAGE_NOT_ADDED' })
    expect(registry.knownRoute('semver')).to.equal(undefined)
  })

  it('keep no route when one of them comes, goes or grows', () => {
    const registry = new SetRegistry<FakeSet>()
    const [first, second] = [fakeSet('first', 'semver'), fakeSet('semver', 'semver')]
    registry.enter(first)
    const keyOfRoute = (): string => registry.findRoute('semver').set.key
    expect(keyOfRoute()).to.equal('first')
    for (const [change, leadsTo] of [
      [() => registry.enter(second), 'semver'],
      [() => registry.forget(second), 'first'],
      [() => registry.forgetRoutes(), 'first']
    ] as const) {
      change()
      expect(registry.knownRoute('semver')).to.equal(undefined)
      expect(keyOfRoute()).to.equal(leadsTo)
    }
  })
})
