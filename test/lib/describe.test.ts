import { expect } from 'chai'
import fc from 'fast-check'
import { cut, describe as inWords, describeThrown, quote } from '../../lib/describe.js'

describe('A value in words', () => {
  const cases: [string, unknown, string][] = [
    ['undefined', undefined, 'undefined'],
    ['null', null, 'null'],
    ['a boolean', true, 'true'],
    ['a number', 1.5, '1.5'],
    ['a number that is none', NaN, 'NaN'],
    ['the negative zero', -0, '-0'],
    ['a bigint', 1n, 'a bigint'],
    ['a symbol', Symbol('secret'), 'a symbol'],
    ['a function', () => 1, 'a function'],
    ['an array', [1, 2], 'an array of 2'],
    ['an object', { secret: 1 }, 'an object'],
    ['an object without a prototype', Object.create(null), 'an object'],
    ['an instance', new Date(0), 'an object of the class "Date"'],
    ['a string on one line', 'a\nb', 'the string "a\\nb"'],
    ['a proxy', new Proxy({}, {}), 'a proxy']
  ]
  for (const [title, value, words] of cases) {
    it(`names ${title}`, () => expect(inWords(value)).to.equal(words))
  }

  it('shows 40 characters of a long string and tells its length', () => {
    const words = inWords(`${'x'.repeat(40)}secret`)
    expect(words).to.equal(`the string "${'x'.repeat(40)}…" of 46 characters`)
  })

  it('runs no code of the value', () => {
    const explode = () => {
      throw new Error('ran')
    }
    const revoked = Proxy.revocable({}, {})
    revoked.revoke()
    const accessor = Object.defineProperty({}, 'constructor', { get: explode })
    const named = Object.defineProperty(class {}, 'name', { get: explode })
    const traps = new Proxy({}, { getPrototypeOf: explode, get: explode, getOwnPropertyDescriptor: explode })
    const hostile = [revoked.proxy, accessor, Object.create(accessor), Object.create(traps), new named()]
    for (const value of hostile) expect(inWords(value)).to.be.a('string')
  })

  it('is short whatever the value', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true }), (value) => {
        expect(inWords(value).length).to.be.lessThan(350)
      })
    )
  })
})

describe('What was thrown, in words', () => {
  it('is the message of an error', () => expect(describeThrown(new TypeError('no'))).to.equal('no'))

  it('is a description of any other value', () => expect(describeThrown('no')).to.equal('the string "no"'))

  it('does not run a getter of the message', () => {
    const error = Object.defineProperty(new Error(), 'message', {
      get() {
        throw new Error('ran')
      }
    })
    expect(describeThrown(error)).to.equal('an error without a message')
  })
})

describe('A text of unknown length', () => {
  it('is cut with a mark where it is long', () => {
    expect(cut('abc', 3)).to.equal('abc')
    expect(cut('abcd', 3)).to.equal('abc…')
  })

  it('is quoted on one line', () => expect(quote('a"\n')).to.equal('"a\\"\\n"'))
})
