import { expect } from 'chai'
import { ProtocolViolation } from '../../../lib/wire/byte-reader.js'
import type { BaseMessage } from '../../../lib/wire/chain.js'
import { Operand } from '../../../lib/wire/live-reader.js'
import type { Outcome, StepMessage } from '../../../lib/wire/messages.js'
import { Refusal } from '../../../lib/wire/refusal.js'
import { ScriptRun } from '../../../lib/wire/script-run.js'
import { thrownBy } from '../../support/thrown-by.js'
import { until } from '../../support/waiting.js'

const onPackage: BaseMessage = { kind: 'root', name: 'package' }
const on = (index: number): BaseMessage => ({ kind: 'step', index })
const call = (base: BaseMessage, path: string, parameters: unknown[] = [], wanted = true): StepMessage => ({
  ...{ operation: 'call', base, path: path === '' ? [] : path.split('.'), parameters, wanted }
})

describe('The run of a script', () => {
  let outcomes: Outcome[]
  let log: unknown[]
  const lent = new Map<number, unknown>()

  beforeEach(() => {
    outcomes = []
    log = []
    lent.clear()
  })

  class Tool {
    constructor(readonly name = 'tool') {}
    use(what: unknown): this {
      log.push(what)
      return this
    }
    static made = (): Tool => new Tool('made')
  }
  const gates: (() => void)[] = []
  const exported = {
    Tool,
    note: (what: unknown) => log.push(what),
    echo: (...list: unknown[]) => list,
    fail: () => {
      throw new RangeError('no luck')
    },
    gate: (value: unknown) => new Promise((resolve) => gates.push(() => resolve(value))),
    text: 'a text',
    trap: () =>
      new Proxy(
        { then: (settle: (value: unknown) => void) => settle({ after: 'all' }) },
        {
          has: () => {
            throw new RangeError('not to be asked')
          }
        }
      )
  }

  const run = (steps: StepMessage[], hasOperands = false): ScriptRun =>
    new ScriptRun(
      { type: 'script', id: 7, steps },
      {
        root: (name) => {
          if (name !== 'package') throw new Refusal('PACKAGE_NOT_ADDED', { package: name })
          return exported
        },
        lentThing: (number) => {
          if (!lent.has(number)) throw new ProtocolViolation('not lent')
          return lent.get(number)
        },
        tell: (outcome) => outcomes.push(outcome)
      },
      hasOperands
    ).start()

  it('carries out what does not wait before it returns, and tells each that is wanted', () => {
    const over = run([
      { ...call(onPackage, 'Tool', ['one'], false), operation: 'new' },
      call(on(0), 'use', ['first'], false),
      call(on(1), 'use', ['second'], false),
      { ...call(on(2), 'name'), operation: 'get' },
      call(onPackage, 'echo', [1])
    ])
    expect(log).to.deep.equal(['first', 'second'])
    expect(outcomes.map(({ step, last, value }) => [step, last, value])).to.deep.equal([
      [3, false, 'one'],
      [4, true, [1]]
    ])
    expect(over.isOver).to.equal(true)
  })

  it('lets steps wait for what they need, and goes on with the others', async () => {
    const waiting = run([
      call(onPackage, 'gate', ['late'], false),
      { ...call(on(0), 'length'), operation: 'get' },
      call(onPackage, 'note', ['not waiting'])
    ])
    expect(log).to.deep.equal(['not waiting'])
    expect([outcomes.length, waiting.isOver]).to.deep.equal([1, false])
    gates.pop()?.()
    await until(() => waiting.isOver)
    expect(outcomes[1]).to.include({ step: 1, last: true, value: 4 })
  })

  it('runs nothing that needs what failed, and tells where it was', () => {
    run([
      call(onPackage, 'fail', [], false),
      call(on(0), 'use', [], false),
      call(on(1), 'use', ['never']),
      call(onPackage, 'note', ['still'])
    ])
    expect(log).to.deep.equal(['still'])
    expect(outcomes[0]).to.include({ step: 2, at: 0, state: 'failed', last: false })
    expect(outcomes[0]?.value).to.be.instanceOf(RangeError)
  })

  it('puts what operands stand for into the parameters', () => {
    const tool = new Tool('lent')
    lent.set(3, tool)
    const operands = [
      new Operand(on(0), []),
      { deep: new Operand({ kind: 'reference', number: 3 }, ['name']) }
    ]
    run([call(onPackage, 'Tool.made', [], false), call(onPackage, 'echo', operands)], true)
    const [made, { deep }] = outcomes[0]!.value as [Tool, { deep: unknown }]
    expect([made.name, deep]).to.deep.equal(['made', 'lent'])
  })

  it('uses what was lent when it began, though that is released before a step gets to it', async () => {
    lent.set(3, new Tool('lent'))
    const waiting = run(
      [
        call(onPackage, 'gate', [], false),
        call({ kind: 'reference', number: 3 }, 'use', [new Operand(on(0), [])])
      ],
      true
    )
    lent.clear()
    gates.pop()?.()
    await until(() => waiting.isOver)
    expect(outcomes[0]).to.include({ state: 'value', last: true })
  })

  it('refuses what the package does not have, or what no package is', () => {
    const missing = [call(onPackage, 'not.there'), call({ kind: 'root', name: 'another' }, 'note')]
    for (const step of missing) run([step])
    run([{ ...call(onPackage, 'text'), operation: 'call' }])
    run([{ ...call(onPackage, 'Tool.constructor'), operation: 'get' }])
    const codes = outcomes.map(({ state, value }) => [state, (value as { code: string }).code])
    const notFound = ['refused', 'FUNCTION_NOT_FOUND']
    expect(codes).to.deep.equal([notFound, ['refused', 'PACKAGE_NOT_ADDED'], notFound, notFound])
  })

  it('is not broken off by a result that throws at whatever it is asked', async () => {
    const waiting = run([call(onPackage, 'trap', [], false), { ...call(on(0), 'after'), operation: 'get' }])
    await until(() => waiting.isOver)
    expect(outcomes[0]).to.include({ step: 1, value: 'all', last: true })
  })

  it('tells nothing more when nobody waits any more', async () => {
    const waiting = run([call(onPackage, 'gate')])
    waiting.isCanceled = true
    expect(waiting.isOver).to.equal(true)
    gates.pop()?.()
    await new Promise(setImmediate)
    expect(outcomes).to.deep.equal([])
  })

  it('takes a step before what it needs, and what was not lent, for a violation', () => {
    const bad: [StepMessage[], boolean][] = [
      [[call(on(0), 'use')], false],
      [[call(onPackage, 'echo', [new Operand(on(1), [])]), call(onPackage, 'echo')], true],
      [[call({ kind: 'reference', number: 9 }, 'use')], false],
      [[call(onPackage, 'echo', [new Operand({ kind: 'reference', number: 9 }, ['a'])])], true]
    ]
    for (const [steps, hasOperands] of bad) {
      expect(thrownBy(() => run(steps, hasOperands))).to.be.instanceOf(ProtocolViolation)
    }
  })
})
