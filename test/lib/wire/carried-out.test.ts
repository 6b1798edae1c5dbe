import { expect } from 'chai'
import { setImmediate as turn } from 'node:timers/promises'
import { ProtocolViolation } from '../../../lib/wire/byte-reader.js'
import { CarriedOut, type AnswerLine } from '../../../lib/wire/carried-out.js'
import type { ConnectionOwner } from '../../../lib/wire/connection-owner.js'
import { FIRST_IN_ROW } from '../../../lib/wire/answer-rows.js'
import type { Lent } from '../../../lib/wire/references.js'

const ignore = (): void => undefined
const line: AnswerLine = { isOpen: true, send: ignore, reply: () => undefined, fail: ignore }
const owner: ConnectionOwner = {
  ...{ message: ignore, callbackFailed: ignore, trouble: ignore, invoked: ignore },
  ...{ crowded: ignore, relieved: ignore, released: ignore, connectionEnded: ignore }
}

function lend(lent: () => unknown): Lent {
  return { lent, live: false, scope: undefined, count: 1, releases: 0 }
}

describe('Functions that the other side invokes', () => {
  it('may keep so many of its calls waiting as it may make, and one more is a violation', () => {
    const carriedOut = new CarriedOut(line, owner, 3)
    const never = lend(() => new Promise(ignore))
    for (const id of [FIRST_IN_ROW, FIRST_IN_ROW + 1, 7]) carriedOut.carryOut(id, never, [])
    expect(() => carriedOut.carryOut(8, never, [])).to.throw(ProtocolViolation, 'too many calls')
  })

  it('may be invoked without end where they settle, or return at once', async () => {
    const carriedOut = new CarriedOut(line, owner, 3)
    const ways = [() => Promise.resolve(1), () => Promise.reject(new Error('no')), () => 1, ignore]
    for (let round = 0; round < 10; round++) {
      for (const [id, way] of ways.entries()) carriedOut.carryOut(id, lend(way), [])
      carriedOut.batchOver()
      await turn()
    }
  })
})
