import { expect } from 'chai'
import type { Message, Outcome } from '../../../lib/wire/messages.js'
import { Refusal } from '../../../lib/wire/refusal.js'
import { Responder } from '../../../lib/wire/responder.js'
import { thrownBy } from '../../support/thrown-by.js'

/** Where functions are written down, none of which can cross. */
class Notes extends Responder {
  readonly sent: { message: Message; ordered: boolean }[] = []

  send(message: Message, ordered: boolean): void {
    if (Object.values(message).some((field) => typeof field === 'function')) {
      throw new Refusal('NOT_CLONEABLE', { place: 'result' })
    }
    this.sent.push({ message, ordered })
  }
}

const refused = { type: 'refused', code: 'NOT_CLONEABLE', details: { place: 'result' } }

describe('A responder', () => {
  let notes: Notes

  beforeEach(() => (notes = new Notes()))

  it('answers in order or at any time, as it is asked to', () => {
    notes.answer(1, 'value')
    notes.answer(2, undefined, true)
    notes.fail(3, 'thrown', true)
    notes.refuse(4, new Refusal('CANCELED', {}), true)
    expect(notes.sent).to.deep.equal([
      { message: { type: 'result', id: 1, value: 'value' }, ordered: false },
      { message: { type: 'result', id: 2, value: undefined }, ordered: true },
      { message: { type: 'failure', id: 3, error: 'thrown' }, ordered: true },
      { message: { type: 'refused', id: 4, code: 'CANCELED', details: {} }, ordered: true }
    ])
  })

  it('refuses with the reason where a result cannot cross, and says so to whoever asks', () => {
    expect(notes.reply({ type: 'result', id: 1, value: 5 }, true)).to.equal(undefined)
    expect(notes.reply({ type: 'result', id: 2, value: () => {} }, true)).to.include({
      code: 'NOT_CLONEABLE'
    })
    expect(notes.sent[1]).to.deep.equal({ message: { ...refused, id: 2 }, ordered: true })
  })

  it('refuses what was thrown to refuse it, and tells what cannot cross by its text', () => {
    notes.fail(1, new Refusal('FUNCTION_NOT_FOUND', { path: 'a.b' }))
    notes.fail(2, function named() {})
    const [first, second] = notes.sent.map(({ message }) => message)
    expect(first).to.deep.equal({
      ...{ type: 'refused', id: 1, code: 'FUNCTION_NOT_FOUND' },
      details: { path: 'a.b' }
    })
    expect(second).to.have.property('error').that.is.an('error')
    expect((second as { error: Error }).error.message).to.include('named')
  })

  it('does not hide what is wrong with itself', () => {
    const broken = new Error('no memory')
    notes.send = () => {
      throw broken
    }
    expect(thrownBy(() => notes.answer(1, 5))).to.equal(broken)
    expect(thrownBy(() => notes.fail(1, 5))).to.equal(broken)
    expect(thrownBy(() => notes.tell(outcome('value', 5), true))).to.equal(broken)
  })

  it('tells of a step why its value cannot cross, and what was thrown by its text', () => {
    notes.tell(
      outcome('value', () => {}),
      true
    )
    notes.tell(
      outcome('failed', () => 'thrown'),
      false
    )
    expect(notes.sent[0]).to.deep.equal({
      message: {
        ...outcome('refused', { code: 'NOT_CLONEABLE', details: { place: 'result' } }),
        copied: true
      },
      ordered: true
    })
    const { message, ordered } = notes.sent[1] as (typeof notes.sent)[0]
    expect(ordered).to.equal(false)
    expect(message).to.include({ type: 'outcome', id: 7, step: 1, last: true, state: 'failed', at: 0 })
    expect((message as Outcome).value)
      .to.be.an('error')
      .with.property('message')
      .that.includes('thrown')
  })

  it('tells of a step in words why it was refused, where the details cannot cross', () => {
    const details = { place: 'parameters[0]', cause: new Error('broken'), limit: 5 }
    const attempts: Message[] = []
    notes.send = (message) => {
      if (attempts.push(message) === 1) throw new Refusal('TOO_LARGE', {})
    }
    notes.tell(outcome('refused', { code: 'NOT_CLONEABLE', details }), true)
    expect(attempts[1]).to.deep.include({
      state: 'refused',
      value: {
        code: 'NOT_CLONEABLE',
        details: { place: 'parameters[0]', cause: 'Error: broken', limit: 5 }
      }
    })
  })
})

function outcome(state: Outcome['state'], value: unknown): Outcome {
  return { type: 'outcome', id: 7, step: 1, last: true, state, at: 0, value, copied: false }
}
