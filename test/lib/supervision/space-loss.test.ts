import { expect } from 'chai'
import { lossError, loadingError } from '../../../lib/supervision/space-loss.js'
import { neverBegun } from '../../../lib/space/space-end.js'
import { Refusal } from '../../../lib/wire/refusal.js'

const space = { key: 'a', packages: ['a'], generation: 2, pid: 7, spaceId: 1, stopReason: undefined }
const crashed = { ...neverBegun, signal: 'SIGTERM' }

describe('The error for what a space took with it', () => {
  it('tells a crash with all that is known of it', () => {
    const { key, packages, generation, pid, spaceId } = space
    const error = lossError(space, { ...crashed, cause: 'signal', stderr: 'words' }, 'loading')
    expect(error).to.deep.include({
      ...{ key, packages, generation, pid, spaceId },
      ...{ code: 'ERR_SPACEPOOL_SPACE_CRASHED', phase: 'loading', cause: 'signal', stderr: 'words' }
    })
  })

  it('tells calls, and packages that were loading, that a call which nobody waited for blocked it', () => {
    const end = { ...crashed, cause: 'blocked' } as const
    expect(lossError(space, end, 'written')).to.include({ cause: 'neighbour-timeout' })
    expect(lossError(space, end, 'loading')).to.include({ cause: 'neighbour-timeout' })
  })

  it('tells a start that failed by its reason', () => {
    const failure = new Error('spawn nowhere ENOENT')
    const error = lossError(space, { ...neverBegun, cause: 'start', failure }, 'loading')
    expect(error).to.include({ code: 'ERR_SPACEPOOL_SPACE_START_FAILED', reason: failure.message })
    expect(lossError(space, { ...neverBegun, cause: 'start' }, 'loading')).to.include({
      reason: 'it ended before it was ready'
    })
  })

  it('tells why a space was stopped on purpose', () => {
    const recycled = lossError({ ...space, stopReason: 'recycle' }, neverBegun, 'written')
    expect(recycled).to.include({ code: 'ERR_SPACEPOOL_SPACE_STOPPED', reason: 'recycle', key: 'a' })
    const closed = lossError({ ...space, stopReason: 'close' }, neverBegun, 'written')
    expect(closed).to.include({ code: 'ERR_SPACEPOOL_POOL_CLOSED' })
  })
})

describe('The error of a package that does not load', () => {
  it('is what the space refused, what was thrown, or the end of the space', () => {
    const refused = loadingError(space, new Refusal('PACKAGE_NOT_FOUND', { package: 'a', paths: [] }))
    expect(refused).to.include({ code: 'ERR_SPACEPOOL_PACKAGE_NOT_FOUND' })
    const canceled = loadingError(space, new Refusal('CANCELED', {}))
    expect(canceled).to.include({ code: 'ERR_SPACEPOOL_PACKAGE_LOAD_FAILED' })
    const thrown = new Error('no')
    expect(loadingError(space, thrown)).to.equal(thrown)
    const ended = loadingError(space, { ...crashed, cause: 'exit' })
    expect(ended).to.include({ code: 'ERR_SPACEPOOL_SPACE_CRASHED', phase: 'loading' })
  })
})
