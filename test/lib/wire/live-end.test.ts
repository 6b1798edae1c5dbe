import { expect } from 'chai'
import { setImmediate as turn } from 'node:timers/promises'
import { ProtocolViolation } from '../../../lib/wire/byte-reader.js'
import type { ConnectionOwner } from '../../../lib/wire/connection-owner.js'
import { LiveEnd } from '../../../lib/wire/live-end.js'
import type { Outcome, ScriptMessage } from '../../../lib/wire/messages.js'
import { BorrowedThings, LentThings } from '../../../lib/wire/references.js'

const ignore = (): void => undefined
const owner: ConnectionOwner = {
  ...{ message: ignore, callbackFailed: ignore, trouble: ignore, invoked: ignore },
  ...{ crowded: ignore, relieved: ignore, released: ignore, connectionEnded: ignore }
}

/** What this side lent, and scripts that use it. */
class Lender {
  readonly outcomes: Outcome[] = []
  readonly finish: (() => void)[] = []
  private readonly end: LiveEnd
  private readonly reference: number

  constructor(most: number) {
    const lent = new LentThings(() => 10, ignore)
    const borrowed = new BorrowedThings(
      () => Promise.resolve(),
      ignore,
      () => 10
    )
    const line = {
      ...{ isOpen: true, request: () => 0, giveBack: ignore, send: ignore, relieved: ignore },
      limits: { maxBytes: 0 },
      tell: (outcome: Outcome) => void this.outcomes.push(outcome)
    }
    this.end = new LiveEnd(line, owner, lent, borrowed, (refusal) => refusal, most)
    const wait = (): Promise<void> => new Promise((resolve) => this.finish.push(resolve))
    this.reference = lent.lend({ wait }, true)
  }

  run(id: number): void {
    const base = { kind: 'reference', number: this.reference } as const
    const step = { operation: 'call', base, path: ['wait'], parameters: [], wanted: true } as const
    const message: ScriptMessage = { type: 'script', id, steps: [{ ...step, parameters: [] }] }
    this.end.runScript(message, false, 0, 0)
  }
}

describe('Scripts of the other side', () => {
  it('may be as many that wait for an answer as it may send, and one more is a violation', () => {
    const lender = new Lender(3)
    for (const id of [1, 2, 3]) lender.run(id)
    expect(() => lender.run(4)).to.throw(ProtocolViolation, 'too many scripts')
  })

  it('may follow each other without end where they are answered', async () => {
    const lender = new Lender(3)
    for (let id = 0; id < 30; id++) {
      lender.run(id)
      if (id % 3 !== 2) continue
      for (const finish of lender.finish.splice(0)) finish()
      while (lender.outcomes.length <= id) await turn()
    }
    expect(lender.outcomes.every(({ last }) => last)).to.equal(true)
  })
})
