import { expect } from 'chai'
import { AnswerRows } from '../../../lib/wire/answer-rows.js'
import { ProtocolViolation } from '../../../lib/wire/byte-reader.js'
import { Correlator } from '../../../lib/wire/correlator.js'
import type { Outcome } from '../../../lib/wire/messages.js'
import { Pending, type RequestSink } from '../../../lib/wire/pending.js'
import type { Refusal } from '../../../lib/wire/refusal.js'
import { Sink } from '../../support/conversation.js'

/** Waits for the steps of a script, and takes those that it has asked for. */
class ScriptSink extends Sink {
  readonly isScript = true
  readonly told: Outcome[] = []

  outcome(outcome: Outcome): void {
    if (outcome.step > 1) throw new ProtocolViolation('no such step')
    this.told.push(outcome)
  }
}

describe('A correlator', () => {
  let pending: Pending
  let rows: AnswerRows
  let correlator: Correlator
  const own = { then: () => {} }

  beforeEach(() => {
    pending = new Pending()
    rows = new AnswerRows((refusal) => refusal)
    correlator = new Correlator(pending, rows, { hasLive: (value) => value === own })
  })

  const wait = <T extends RequestSink>(sink: T): [number, T] => [pending.add(sink) as number, sink]

  it('gives each answer to the one who waits for it, and nobody else', () => {
    const [[first, answered], [second, failed], [third, refused]] = [
      wait(new Sink()),
      wait(new Sink()),
      wait(new Sink())
    ]
    correlator.refused({ type: 'refused', id: third, code: 'CANCELED', details: { a: 1 } })
    correlator.failure({ type: 'failure', id: second, error: 'thrown' })
    correlator.result({ type: 'result', id: first, value: 5 }, 0)
    expect([answered, failed, refused].map((sink) => sink.outcomes)).to.deep.equal([
      [{ kind: 'answered', value: 5 }],
      [{ kind: 'failed', error: 'thrown' }],
      [{ kind: 'refused', code: 'CANCELED', details: { a: 1 } }]
    ])
    expect(pending.size).to.equal(0)
  })

  it('gives answers with a negative id to invocations in a row, one by one or many at a time', async () => {
    const first = rows.nextId
    const promises = [rows.add(), rows.add(), rows.add(), rows.add()]
    correlator.begun({ type: 'begun', id: first, count: 2, areLater: false })
    correlator.result({ type: 'result', id: first + 2, value: 'third' }, 0)
    correlator.failure({ type: 'failure', id: first + 3, error: 'thrown' })
    const settled = await Promise.allSettled(promises)
    expect(settled).to.deep.equal([
      { status: 'fulfilled', value: undefined },
      { status: 'fulfilled', value: undefined },
      { status: 'fulfilled', value: 'third' },
      { status: 'rejected', reason: 'thrown' }
    ])
    expect(rows.size).to.equal(0)
  })

  it('takes an answer that nobody waits for, or a second one, for a violation', () => {
    const [id] = wait(new Sink())
    correlator.result({ type: 'result', id, value: 5 }, 0)
    for (const other of [id, id + 1, -(2 ** 31)]) {
      expect(() => correlator.result({ type: 'result', id: other, value: 5 }, 0)).to.throw(ProtocolViolation)
      expect(() => correlator.failure({ type: 'failure', id: other, error: 5 })).to.throw(ProtocolViolation)
    }
    expect(() => correlator.outcome(outcome(id, 0, true), 0)).to.throw(ProtocolViolation)
  })

  it('takes an outcome of what is no script for a violation, and then still tells who waits that it is lost', () => {
    const [id, sink] = wait(new Sink())
    expect(() => correlator.outcome(outcome(id, 0, true), 0)).to.throw(ProtocolViolation, 'no script')
    pending.loseAll()
    expect(sink.outcomes).to.deep.equal([{ kind: 'lost' }])
  })

  it('takes a result or a failure of a script for a violation, which may be refused as a whole, and no more', () => {
    const [id, sink] = wait(new ScriptSink())
    expect(() => correlator.result({ type: 'result', id, value: 5 }, 0)).to.throw(ProtocolViolation, 'script')
    pending.loseAll()
    const [failed, other] = wait(new ScriptSink())
    expect(() => correlator.failure({ type: 'failure', id: failed, error: 5 })).to.throw(ProtocolViolation)
    pending.loseAll()
    const [refused, last] = wait(new ScriptSink())
    correlator.refused({ type: 'refused', id: refused, code: 'CANCELED', details: {} })
    expect([sink, other, last].map(({ outcomes }) => outcomes.map(({ kind }) => kind))).to.deep.equal([
      ['lost'],
      ['lost'],
      ['refused']
    ])
  })

  it('takes an outcome of what says that it is no script for a violation, whatever else it has', () => {
    const [id, sink] = wait({ ...told(), isScript: false })
    expect(() => correlator.outcome(outcome(id, 0, true), 0)).to.throw(ProtocolViolation, 'no script')
    pending.loseAll()
    expect(sink.heard).to.deep.equal(['lost'])
  })

  it('tells who waits that it is lost when what came could not be told, whatever kind of error that was', () => {
    const broken = (): never => {
      throw new TypeError('that cannot be read')
    }
    const answers: ((id: number) => void)[] = [
      (id) => correlator.result({ type: 'result', id, value: 5 }, 0),
      (id) => correlator.failure({ type: 'failure', id, error: 5 }),
      (id) => correlator.refused({ type: 'refused', id, code: 'CANCELED', details: {} }),
      (id) => correlator.outcome(outcome(id, 0, true), 0)
    ]
    for (const answer of answers) {
      const all = { answered: broken, failed: broken, refused: broken, outcome: broken }
      const [id, sink] = wait({ ...told(), ...all })
      expect(() => answer(id)).to.throw(TypeError)
      pending.loseAll()
      expect(sink.heard).to.deep.equal(['lost'])
    }
  })

  it('does so though another request has taken its place meanwhile, and for invocations in a row', async () => {
    const [next, sink] = [new Sink(), told()]
    const [id] = wait({
      ...sink,
      answered: () => {
        pending.add(next)
        throw new TypeError('after that')
      }
    })
    expect(() => correlator.result({ type: 'result', id, value: 5 }, 0)).to.throw(TypeError)
    pending.loseAll()
    expect([next.outcomes, sink.heard]).to.deep.equal([[{ kind: 'lost' }], ['lost']])
  })

  it('does so for invocations in a row, those that are answered later among them', async () => {
    const unreadable = new AnswerRows((refusal) => {
      if (refusal.code === 'CANCELED') throw new TypeError('that cannot be read')
      return refusal
    })
    const strict = new Correlator(pending, unreadable, { hasLive: () => false })
    const first = unreadable.nextId
    const promises = Promise.allSettled([unreadable.add(), unreadable.add()])
    strict.begun({ type: 'begun', id: first, count: 1, areLater: true })
    for (const id of [first, first + 1]) {
      expect(() => strict.refused({ type: 'refused', id, code: 'CANCELED', details: {} })).to.throw(TypeError)
    }
    unreadable.loseAll()
    const reasons = (await promises).map((settled) => (settled as PromiseRejectedResult).reason as Refusal)
    expect(reasons.map(({ code }) => code)).to.deep.equal(['REFERENCE_RELEASED', 'REFERENCE_RELEASED'])
  })

  it('takes a value that a promise would ask for a violation, unless it is one of its own that comes home', () => {
    const [id, sink] = wait(new Sink())
    const thenable = { then: () => {} }
    expect(() => correlator.result({ type: 'result', id, value: thenable }, 1)).to.throw(
      ProtocolViolation,
      'waited for'
    )
    const [script] = wait(new ScriptSink())
    expect(() => correlator.outcome({ ...outcome(script, 0, true), value: thenable }, 1)).to.throw(
      ProtocolViolation,
      'waited for'
    )
    correlator.result({ type: 'result', id, value: own }, 1)
    expect(sink.outcomes).to.deep.equal([{ kind: 'answered', value: own }])
  })

  it('keeps who waits for a script until the last of its outcomes', () => {
    const [id, sink] = wait(new ScriptSink())
    correlator.outcome(outcome(id, 0, false), 0)
    expect(pending.size).to.equal(1)
    correlator.outcome({ ...outcome(id, 1, true), state: 'failed', value: { then: () => {} } }, 1)
    expect(sink.told.map(({ step }) => step)).to.deep.equal([0, 1])
    expect(pending.size).to.equal(0)
  })

  it('lets who waits for a script wait on when its last outcome is none, to be told how it ended', () => {
    const [id, sink] = wait(new ScriptSink())
    expect(() => correlator.outcome(outcome(id, 2, true), 0)).to.throw(ProtocolViolation, 'no such step')
    pending.loseAll()
    expect(sink.outcomes).to.deep.equal([{ kind: 'lost' }])
    const [other] = wait(new Sink())
    expect(() => correlator.outcome(outcome(other, 0, false), 0)).to.throw(ProtocolViolation, 'no script')
  })
})

/** Hears nothing but that it is lost. */
function told() {
  const heard: string[] = []
  const ignore = (): void => undefined
  return {
    heard,
    answered: ignore,
    failed: ignore,
    refused: ignore,
    outcome: ignore,
    lost: () => void heard.push('lost')
  }
}

function outcome(id: number, step: number, last: boolean): Outcome {
  return { type: 'outcome', id, step, last, state: 'value', at: step, value: 5, copied: true }
}
