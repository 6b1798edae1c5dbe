import { expect } from 'chai'
import { newPool } from '../support/pools.js'

describe('Many callbacks', () => {
  it('cross in one call', async () => {
    const pool = newPool()
    const set = await pool.add('callbacks')
    const functions = Array.from({ length: 9000 }, (unused, number) => () => number)
    expect(await set.call('callbacks', 'all', [[0], functions.at(-1)])).to.deep.equal([8999])
    expect(await set.call('callbacks', 'same', [functions, undefined])).to.equal(false)
    expect(set.stats()).to.include({ generation: 1, restarts: 0 })
    await pool.close()
  })

  it('come and go without an end: those that the package does not hold are released in time', async () => {
    const pool = newPool()
    const set = await pool.add('callbacks')
    for (let round = 0; round < 300; round++) {
      const calls = Array.from({ length: 100 }, (unused, number) => {
        return set.call('callbacks', 'callWith', [() => number])
      })
      expect(await Promise.all(calls)).to.deep.equal(Array.from({ length: 100 }, (unused, number) => number))
    }
    expect(set.stats()).to.include({ generation: 1, restarts: 0, errors: 0 })
    await pool.close()
  })
})
