import { expect } from 'chai'
import { Verdict } from '../../../lib/space/space-end.js'

describe('The verdict on the end of a space', () => {
  it('is what it was blamed for first', () => {
    const verdict = new Verdict()
    verdict.blame('out-of-memory')
    verdict.blame('blocked')
    verdict.ask()
    expect(verdict.causeOf('SIGKILL', true, '')).to.equal('out-of-memory')
  })

  it('is no crash when it was asked to end before it was blamed', () => {
    const verdict = new Verdict()
    verdict.ask()
    verdict.blame('protocol')
    expect(verdict.causeOf('SIGKILL', true, '')).to.equal(undefined)
  })

  it('tells an exit, a signal, a full heap and a start that failed apart', () => {
    const full = 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory'
    expect(new Verdict().causeOf(null, true, full)).to.equal('exit')
    expect(new Verdict().causeOf('SIGSEGV', true, full)).to.equal('signal')
    expect(new Verdict().causeOf('SIGABRT', true, full)).to.equal('out-of-memory')
    expect(new Verdict().causeOf('SIGABRT', true, 'abort() was called')).to.equal('signal')
    expect(new Verdict().causeOf(null, false, '')).to.equal('start')
  })

  it('does not count it as a breach of the protocol that it closed its end on its way out', () => {
    const verdict = new Verdict()
    verdict.blame('protocol')
    expect(verdict.causeOf(null, true, '')).to.equal('exit')
    expect(verdict.causeOf('SIGKILL', true, '')).to.equal('protocol')
    verdict.failure = new Error('an id that is not waiting')
    expect(verdict.causeOf(null, true, '')).to.equal('protocol')
  })
})
