import { expect } from 'chai'
import { callTimeout, poolClosed, spaceCrashed } from '../../lib/error-wording.js'
import { isSpacePoolError, SpacePoolError, type SpaceCrashCause } from '../../lib/space-pool-error.js'

const timeout = { package: 'semver', path: 'gt', timeout: 50, key: 'semver', phase: 'written' } as const
const crash = {
  phase: 'written',
  cause: 'signal',
  exitCode: null,
  signal: 'SIGSEGV',
  packages: ['sharp'],
  generation: 3,
  key: 'sharp',
  pid: 77,
  spaceId: 5,
  stderr: 'Segmentation fault'
} as const

describe('An error of spacepool', () => {
  it('is an Error with a code, and its fields as own properties', () => {
    const error = callTimeout(timeout)
    expect(error).to.be.instanceOf(Error).and.instanceOf(SpacePoolError)
    expect({ ...error }).to.deep.equal({ code: 'ERR_SPACEPOOL_CALL_TIMEOUT', ...timeout })
  })

  it('leaves out the fields that are undefined', () => {
    expect(callTimeout({ ...timeout, remoteStack: undefined })).not.to.have.property('remoteStack')
  })

  it('has its name in the stack and not among its own properties', () => {
    const error = poolClosed()
    expect(error.name).to.equal('SpacePoolError')
    expect(error.stack).to.match(/^SpacePoolError: The pool is closed/)
    expect(Object.keys(error)).to.deep.equal(['code'])
    expect(Object.keys(Object.getPrototypeOf(error) as object)).to.deep.equal([])
  })

  it('has no cause where nothing led to it', () => expect(poolClosed()).not.to.have.property('cause'))

  it('has a word as its cause where a space crashed', () => {
    expect({ ...spaceCrashed(crash) }).to.deep.equal({ code: 'ERR_SPACEPOOL_SPACE_CRASHED', ...crash })
  })
})

describe('isSpacePoolError', () => {
  it('tells the errors of spacepool from others, forged ones included', () => {
    const forged = Object.assign(new Error('no'), { code: 'ERR_SPACEPOOL_POOL_CLOSED' })
    expect(isSpacePoolError(poolClosed())).to.be.true
    for (const other of [forged, new Error('no'), undefined, null, 'ERR_SPACEPOOL_POOL_CLOSED']) {
      expect(isSpacePoolError(other)).to.be.false
    }
  })

  it('asks for one code and tells the compiler the fields of that code', () => {
    const error: unknown = spaceCrashed(crash)
    expect(isSpacePoolError(error, 'ERR_SPACEPOOL_CALL_TIMEOUT')).to.be.false
    if (!isSpacePoolError(error, 'ERR_SPACEPOOL_SPACE_CRASHED')) throw new Error('the guard refused it')
    const fields: { cause: SpaceCrashCause; pid: number | null } = { cause: error.cause, pid: error.pid }
    expect(fields).to.deep.equal({ cause: 'signal', pid: 77 })
  })

  it('lets the compiler tell codes apart in a switch', () => {
    const error: unknown = callTimeout(timeout)
    if (!isSpacePoolError(error)) throw new Error('the guard refused it')
    switch (error.code) {
      case 'ERR_SPACEPOOL_CALL_TIMEOUT':
        return expect(error.timeout).to.equal(50)
      default:
        throw new Error(`unexpected: ${error.code}`)
    }
  })
})
