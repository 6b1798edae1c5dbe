import { expect } from 'chai'
import { current } from '../../lib/context.js'

describe('current()', () => {
  it('is undefined outside of spaces', () => {
    expect(current()).to.equal(undefined)
  })
})
