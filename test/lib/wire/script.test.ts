import { expect } from 'chai'
import { ProtocolViolation } from '../../../lib/wire/byte-reader.js'
import { Root, Step, type Destination } from '../../../lib/wire/chain.js'
import type { Outcome } from '../../../lib/wire/messages.js'
import { type Refusal } from '../../../lib/wire/refusal.js'
import { Script } from '../../../lib/wire/script.js'
import { rejectionOf } from '../../support/rejections.js'
import { thrownBy } from '../../support/thrown-by.js'

const destination: Destination = {
  lane: {},
  maxBytes: 1000,
  submit: () => undefined,
  errorFor: (problem, { path }) => ({ problem, at: path.join('.') }),
  unobserved: () => undefined
}

/** The steps of `a(); a().b()`, of which the last ones are wanted. */
function steps(): [Step, Step, Step] {
  const root = new Root('package', destination)
  const alone = new Step('call', root, ['a'], [1, 2], undefined)
  const used = new Step('call', root, ['a'], [], undefined)
  used.isUsed = true
  return [alone, used, new Step('call', used, ['b'], [], undefined)]
}

const outcome = (step: number, last: boolean, more: Partial<Outcome> = {}): Outcome => ({
  ...{ type: 'outcome', id: 0, step, last, state: 'value', at: step, value: `value ${step}`, copied: true },
  ...more
})

const settled = (step: Step): Promise<unknown> => new Promise((resolve, reject) => step.wait(resolve, reject))

describe('A script', () => {
  it('is sent with all its steps, and wants the results of those that nothing goes on from', () => {
    const script = new Script(steps())
    const message = script.message()
    expect(message.steps.map(({ path, wanted }) => [path, wanted])).to.deep.equal([
      [['a'], true],
      [['a'], false],
      [['b'], true]
    ])
    const [alone, used, last] = message.steps.map(({ base }) => base)
    expect(alone).to.include({ kind: 'root', name: 'package' })
    expect(used).to.include({ kind: 'root', name: 'package' })
    expect(last).to.include({ kind: 'step', index: 1 })
    expect(script.size).to.be.within(3 * 64, 400)
  })

  it('wants also what somebody waits for', () => {
    const [alone, used, last] = steps()
    void settled(used)
    const wanted = new Script([alone, used, last]).message().steps.map((step) => step.wanted)
    expect(wanted).to.deep.equal([true, true, true])
  })

  it('settles its steps with their outcomes, in whatever order they come', async () => {
    const [alone, used, last] = steps()
    const script = new Script([alone, used, last])
    script.settle(outcome(2, false))
    script.settle(outcome(0, true))
    expect([await settled(alone), await settled(last)]).to.deep.equal(['value 0', 'value 2'])
    expect(script.hasFailed).to.equal(false)
    expect(await rejectionOf(settled(used))).to.have.property('at', 'a')
  })

  it('fails a step with the step that failed before it', async () => {
    const [alone, used, last] = steps()
    const script = new Script([alone, used, last])
    script.settle(outcome(2, false, { state: 'failed', at: 1, value: 'thrown' }))
    script.settle(outcome(0, true, { state: 'refused', value: { code: 'TOO_LARGE', details: { size: 1 } } }))
    expect(await rejectionOf(settled(last))).to.deep.equal({ problem: 'thrown', at: 'a' })
    const { problem } = (await rejectionOf(settled(alone))) as { problem: Refusal }
    expect([problem.code, problem.details]).to.deep.equal(['TOO_LARGE', { size: 1 }])
    expect(script.hasFailed).to.equal(true)
  })

  it('fails what is not settled when nothing more will come', async () => {
    const [alone, used, last] = steps()
    const script = new Script([alone, used, last])
    script.settle(outcome(0, false))
    script.fail('gone')
    expect(await settled(alone)).to.equal('value 0')
    expect(await rejectionOf(settled(last))).to.deep.equal({ problem: 'gone', at: 'b' })
  })

  const hostile: [title: string, outcome: Outcome][] = [
    ['of a step that there is not', outcome(3, false)],
    ['of a step that nobody wants', outcome(1, false)],
    ['that is told to be the last before it is', outcome(0, true)],
    ['that failed at a step that there is not', outcome(0, false, { state: 'failed', at: 9 })],
    [
      'that was refused for no known reason',
      outcome(0, false, { state: 'refused', value: { code: 'X', details: {} } })
    ],
    [
      'that was refused without details',
      outcome(0, false, { state: 'refused', value: { code: 'TOO_LARGE' } })
    ],
    ['that was refused with nothing', outcome(0, false, { state: 'refused', value: undefined })]
  ]
  for (const [title, bad] of hostile) {
    it(`takes an outcome ${title} for a violation`, () => {
      const script = new Script(steps())
      expect(thrownBy(() => script.settle(bad))).to.be.instanceOf(ProtocolViolation)
    })
  }

  it('takes a second outcome of a step, and one that is not told to be the last, for a violation', () => {
    const script = new Script(steps())
    script.settle(outcome(0, false))
    expect(thrownBy(() => script.settle(outcome(0, true)))).to.be.instanceOf(ProtocolViolation)
    expect(thrownBy(() => script.settle(outcome(2, false)))).to.be.instanceOf(ProtocolViolation)
  })
})
