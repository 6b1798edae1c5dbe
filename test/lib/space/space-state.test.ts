import { expect } from 'chai'
import { laterState } from '../../../lib/space/space-state.js'

describe('The state of a space', () => {
  it('moves on, also past some', () => {
    expect(laterState('starting', 'ready')).to.equal('ready')
    expect(laterState('starting', 'exited')).to.equal('exited')
  })

  it('never goes back, nor stays where it is', () => {
    expect(() => laterState('stopping', 'draining')).to.throw('a space cannot go from stopping to draining')
    expect(() => laterState('exited', 'exited')).to.throw('a space cannot go from exited to exited')
  })
})
