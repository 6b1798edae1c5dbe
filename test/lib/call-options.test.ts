import { expect } from 'chai'
import { parseCallOptions, parseCloseOptions } from '../../lib/call-options.js'

const none = { timeout: undefined, signal: undefined, idempotent: false, affinity: undefined }

describe('The options of a call', () => {
  it('are the same frozen record whenever none are given', () => {
    expect(parseCallOptions(undefined)).to.deep.equal(none).and.to.be.frozen
    expect(parseCallOptions(undefined)).to.equal(parseCallOptions(undefined))
  })

  it('are taken as given', () => {
    const given = { timeout: 50, signal: new AbortController().signal, idempotent: true, affinity: 'user-1' }
    expect(parseCallOptions(given)).to.deep.equal(given)
    expect(parseCallOptions({ timeout: Infinity, affinity: 0 })).to.deep.equal({
      ...none,
      timeout: Infinity,
      affinity: 0
    })
  })

  it('count as not given where they are undefined', () =>
    expect(parseCallOptions({ ...none, idempotent: undefined })).to.deep.equal(none))

  it('take a signal of another realm by its members', () => {
    const signal = { aborted: false, addEventListener() {}, removeEventListener() {} }
    expect(parseCallOptions({ signal }).signal).to.equal(signal)
  })

  it('are own properties only', () => {
    expect(parseCallOptions(Object.create({ timeout: 1, foo: 1 }))).to.deep.equal(none)
  })

  for (const [title, value, message] of [
    ['an unknown one', { retries: 1 }, 'There is no option "retries" here. Expected one of timeout, signal'],
    ['no record', 50, 'Option "options": expected an object, got 50'],
    ['null', null, 'Option "options": expected an object, got null'],
    ['an array', [], 'Option "options": expected an object, got an array of 0'],
    [
      'a Map',
      new Map([['timeout', 1]]),
      'Option "options": expected an object, got an object of the class "Map"'
    ],
    [
      'a timeout of 0',
      { timeout: 0 },
      'Option "timeout": expected a number of milliseconds above 0, or Infinity, got 0'
    ],
    ['a negative timeout', { timeout: -1 }, 'Option "timeout"'],
    ['a timeout that is no number', { timeout: NaN }, 'Option "timeout"'],
    ['a timeout as a string', { timeout: '50' }, 'Option "timeout"'],
    [
      'a controller for a signal',
      { signal: new AbortController() },
      'Option "signal": expected an AbortSignal'
    ],
    ['null for a signal', { signal: null }, 'Option "signal"'],
    ['a word for idempotent', { idempotent: 'yes' }, 'Option "idempotent": expected true or false'],
    ['an object for affinity', { affinity: {} }, 'Option "affinity"'],
    ['NaN for affinity', { affinity: NaN }, 'Option "affinity"']
  ] as const) {
    it(`refuse ${title}`, () => expect(() => parseCallOptions(value)).to.throw(message))
  }
})

describe('The options of close', () => {
  it('give 10 seconds by default', () => {
    expect(parseCloseOptions(undefined)).to.deep.equal({ timeout: 10_000 })
    expect(parseCloseOptions({ timeout: undefined })).to.deep.equal({ timeout: 10_000 })
  })

  it('may give no time at all', () => expect(parseCloseOptions({ timeout: 0 }).timeout).to.equal(0))

  it('refuse what has no end, is no time or is unknown', () => {
    for (const timeout of [Infinity, NaN, -1, '1']) {
      expect(() => parseCloseOptions({ timeout })).to.throw('Option "timeout"')
    }
    expect(() => parseCloseOptions({ force: true })).to.throw('no option "force"')
  })
})
