import { expect } from 'chai'
import { KeepAlive } from '../../../lib/supervision/keep-alive.js'

/** Timers that keep this process alive. */
const held = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length

describe('What keeps the host alive', () => {
  let keepAlive: KeepAlive

  beforeEach(() => {
    keepAlive = new KeepAlive()
  })

  afterEach(() => keepAlive.close())

  it('is one timer, as long as something is pending', () => {
    const before = held()
    keepAlive.begin()
    keepAlive.begin()
    expect(held()).to.equal(before + 1)
    keepAlive.end()
    expect(held()).to.equal(before + 1)
    keepAlive.end()
    expect(held()).to.equal(before)
  })

  it('tells all who wait when nothing is pending, at once if nothing is', async () => {
    await keepAlive.idle()
    keepAlive.begin()
    const told: number[] = []
    const waits = [1, 2].map((each) => keepAlive.idle().then(() => void told.push(each)))
    await Promise.resolve()
    expect(told).to.deep.equal([])
    keepAlive.end()
    await Promise.all(waits)
    expect(told).to.deep.equal([1, 2])
  })

  it('is pending during a promise, whether it is fulfilled or rejects', async () => {
    const during = keepAlive.during(Promise.resolve('value'))
    expect(keepAlive.pending).to.equal(1)
    expect(await during).to.equal('value')
    const failing = keepAlive.during(Promise.reject(new Error('mine')))
    const error: unknown = await failing.catch((reason: unknown) => reason)
    expect(error).to.have.property('message', 'mine')
    expect(keepAlive.pending).to.equal(0)
  })

  it('holds nothing after it was closed', () => {
    const before = held()
    const closed = new KeepAlive()
    closed.begin()
    closed.close()
    expect(held()).to.equal(before)
  })
})
