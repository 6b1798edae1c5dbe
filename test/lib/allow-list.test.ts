import { expect } from 'chai'
import { allowed, everyName } from '../../lib/allow-list.js'

const parse = (value: unknown) => allowed(value, 'allow')

describe('The names that may be added', () => {
  it('are all by default', () => expect(everyName('fs')).to.be.true)

  it('are those of an array, in their canonical form', () => {
    const allow = parse(['node:fs', 'semver', 'file:///srv/a.js'])
    expect(['fs', 'semver', '/srv/a.js'].every(allow)).to.be.true
    expect(['fs/promises', 'semver/bin/semver', 'lodash', 'node:fs', ''].some(allow)).to.be.false
  })

  it('are none with an empty array', () => expect(parse([])('semver')).to.be.false)

  it('do not change with the array afterwards', () => {
    const names = ['semver']
    const allow = parse(names)
    names.push('fs')
    expect(allow('fs')).to.be.false
  })

  it('are those that a function says true to', () => {
    const allow = parse((name: string) => name.startsWith('@team/'))
    expect(allow('@team/a')).to.be.true
    expect(allow('semver')).to.be.false
  })

  it('cannot be told by a function that answers otherwise, such as an async one', () => {
    for (const answer of [Promise.resolve(false), 1, undefined, 'yes']) {
      expect(() => parse(() => answer)('semver')).to.throw(
        'Option "allow": expected a function that returns true or false'
      )
    }
  })

  it('are names', () => {
    expect(() => parse('semver')).to.throw('Option "allow"')
    expect(() => parse(['semver', '../x'])).to.throw('Option "allow[1]"')
    expect(() => parse([1])).to.throw('Option "allow[0]"')
  })
})
