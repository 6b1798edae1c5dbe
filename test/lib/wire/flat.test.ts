import { expect } from 'chai'
import { isFlat } from '../../../lib/wire/flat.js'

describe('A list', () => {
  it('is flat when nothing in it can change or is a reference', () => {
    expect(isFlat([])).to.equal(true)
    expect(isFlat([1, 'a', null, undefined, true, 1n])).to.equal(true)
    for (const other of [{}, [], () => 1, Symbol('a'), new Date()]) {
      expect(isFlat([1, other])).to.equal(false)
    }
  })
})
