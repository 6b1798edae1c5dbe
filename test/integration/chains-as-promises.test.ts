import { expect } from 'chai'
import type { Remote } from '../../lib/remote.js'
import type { SpacePool } from '../../lib/space-pool.js'
import { destroyPools, newPool } from '../support/pools.js'
import { errorOf, rejectionOf } from '../support/rejections.js'

interface Lodash {
  attempt(callback: () => unknown): unknown
  head(values: { name: string }[]): { name: string }
  add(left: number, right: number): number
  chunk(values: number[], size: number): number[][]
  template(text: string): (data: unknown) => string
}

describe('A chain', () => {
  let pool: SpacePool
  let lodash: Remote<Lodash>

  before(async () => {
    pool = newPool()
    await pool.add(['lodash', 'process'])
    lodash = pool.use<Lodash>('lodash')
  })
  after(destroyPools)

  it('has the `then` of a promise, with and without both reactions', async () => {
    expect(await lodash.add(1, 2).then((sum) => sum + 1)).to.equal(4)
    expect(await lodash.chunk([1, 2, 3], 2).length.then((length) => length * 2)).to.equal(4)
    expect(await lodash.add(1, 2).then()).to.equal(3)
    const rejected = lodash.template('<%= missing %>')(undefined)
    expect(await rejected.then(undefined, (error: Error) => error.name)).to.equal('ReferenceError')
    expect(await rejectionOf(Promise.resolve(rejected.then(() => 'unreached')))).to.have.property('name')
    const thrown = lodash.add(1, 2).then(() => Promise.reject(new RangeError()))
    expect(await rejectionOf(Promise.resolve(thrown))).to.be.an.instanceOf(RangeError)
  })
  it('goes on from null as code does', async () => {
    expect(await rejectionOf(Promise.resolve(lodash.head([]).name)))
      .to.be.an.instanceOf(TypeError)
      .with.property('message', "Cannot read properties of undefined (reading 'name')")
  })

  it('is refused in what a callback returns, unless it is all of it, and nobody suffers', async () => {
    const pid = await pool.use<typeof process>('process').pid
    for (const result of [{ chain: lodash.add(1, 2) }, { lodash }, [lodash.add]]) {
      const attempt = lodash.attempt(() => result)
      const error = await errorOf('ERR_SPACEPOOL_NOT_CLONEABLE', Promise.resolve(attempt))
      expect(error.message).to.match(/^result.* can only be a parameter of a chain/)
    }
    expect(await lodash.attempt(() => lodash.add(1, 2))).to.equal(3)
    expect(await pool.use<typeof process>('process').pid).to.equal(pid)
  })
})
