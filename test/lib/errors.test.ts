import { expect } from 'chai'
import fc from 'fast-check'
import { errorFromRefusal, isSpacePoolError } from '../../lib/errors.js'

describe('The public error for a refusal', () => {
  const refusals: [string, Record<string, unknown>, Record<string, unknown>][] = [
    ['PACKAGE_NOT_FOUND', { package: 'x', paths: ['/a'] }, {}],
    ['PACKAGE_LOAD_FAILED', { package: 'x', cause: new Error('no') }, { cause: undefined }],
    ['PACKAGE_LOAD_FAILED', { package: 'x', timeout: 30_000 }, {}],
    ['PACKAGE_NOT_ADDED', { package: 'x' }, {}],
    ['FUNCTION_NOT_FOUND', { package: 'x', path: 'a.b', segment: 'b', available: ['c'] }, {}],
    ['NOT_CLONEABLE', { place: 'result.x', reason: 'a Proxy cannot cross' }, {}],
    ['TOO_LARGE', { place: 'result', size: 9, limit: 8 }, {}],
    ['TOO_LARGE', { place: 'result', size: 9, limit: 8, unit: 'elements' }, {}],
    ['TOO_LARGE', { place: 'a chain', size: 9, limit: 8, unit: 'steps' }, {}],
    ['TOO_LARGE', { place: 'a chain', size: 9, limit: 8, unit: 'attachments' }, {}],
    ['TOO_MANY_CALLBACKS', { limit: 8 }, {}],
    ['QUEUE_FULL', { key: 'x', limit: 8, unit: 'bytes' }, {}],
    ['REFERENCE_RELEASED', {}, {}]
  ]
  for (const [code, details, hidden] of refusals) {
    it(`carries ${Object.keys(details).join(', ') || 'nothing'} for ${code}`, () => {
      const error = errorFromRefusal(code, details)
      const { cause, ...fields } = details
      expect({ ...error, ...hidden }).to.deep.equal({ code: `ERR_SPACEPOOL_${code}`, ...fields, ...hidden })
      expect(error.cause).to.equal(cause)
    })
  }

  it('is a breach of the protocol where the code is not part of it', () => {
    const error = errorFromRefusal('PLEASE', {})
    if (!isSpacePoolError(error, 'ERR_SPACEPOOL_SPACE_CRASHED')) throw new Error('another code')
    expect(error.cause).to.equal('protocol')
    expect(error.message).to.include('"PLEASE"')
  })

  it('survives details of any content', () => {
    const codes = [...refusals.map(([code]) => code), 'PLEASE', '__proto__']
    fc.assert(
      fc.property(
        fc.constantFrom(...codes),
        fc.dictionary(fc.constantFrom(...FIELDS), fc.anything()),
        (code, details) => {
          expect(isSpacePoolError(errorFromRefusal(code, details))).to.be.true
        }
      )
    )
  })

  it('keeps only so much of what a space says', () => {
    const long = 'x'.repeat(100_000)
    const error = errorFromRefusal('FUNCTION_NOT_FOUND', {
      ...{ package: long, path: long, segment: long, available: Array<string>(1000).fill(long) }
    })
    if (!isSpacePoolError(error, 'ERR_SPACEPOOL_FUNCTION_NOT_FOUND')) throw new Error('another code')
    expect(error.path.length).to.be.lessThan(5000)
    expect(error.available?.length).to.equal(100)
    expect(error.message.length).to.be.lessThan(5000)
  })
})

const FIELDS = [
  'package',
  'paths',
  'cause',
  'path',
  'segment',
  'available',
  'place',
  'reason',
  'size',
  'limit',
  'key'
]
