import { expect } from 'chai'
import { newPool } from '../support/pools.js'
import { rejectionOf } from '../support/rejections.js'

type Remote = (...parameters: unknown[]) => Promise<unknown>

describe('A function that a space has lent to the host', () => {
  it('answers, and fails, as a call does', async () => {
    const pool = newPool()
    await pool.add('lodash')
    const identity = await pool.call<Remote>('lodash', 'flow', [[]])
    expect(await identity({ a: 1 })).to.deep.equal({ a: 1 })
    const failing = await pool.call<Remote>('lodash', 'flow', [[() => Promise.reject(new TypeError('no'))]])
    expect(await rejectionOf(failing()))
      .to.be.instanceOf(TypeError)
      .with.property('message', 'no')
    await pool.close()
  })

  it('says with a public error what cannot cross', async () => {
    const pool = newPool()
    await pool.add('lodash')
    const identity = await pool.call<Remote>('lodash', 'flow', [[]])
    const error = await rejectionOf(identity(Symbol('no')))
    expect(error).to.include({ code: 'ERR_SPACEPOOL_NOT_CLONEABLE', place: 'parameters[0]' })
    await pool.close()
  })

  it('says with a public error that its space has ended, at the end and later', async () => {
    const pool = newPool()
    await pool.add(['lodash', 'timers/promises'])
    const wait = await pool.call<Remote>('lodash', 'ary', [() => new Promise(() => undefined), 0])
    const pending = rejectionOf(wait())
    await pool.destroy()
    for (const error of [await pending, await rejectionOf(wait())]) {
      expect(error).to.have.property('code', 'ERR_SPACEPOOL_REFERENCE_RELEASED')
    }
  })
})
