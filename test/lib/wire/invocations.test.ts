import { expect } from 'chai'
import type { ConnectionOwner } from '../../../lib/wire/connection-owner.js'
import { Invocations } from '../../../lib/wire/invocations.js'
import type { RequestSink } from '../../../lib/wire/pending.js'
import type { Refusal } from '../../../lib/wire/refusal.js'
import { rejectionOf } from '../../support/rejections.js'

describe('Invocations of this side', () => {
  it('are refused when too many wait, in a row or not, as many as the other side lets wait', async () => {
    const sinks: RequestSink[] = []
    const inner: Promise<unknown>[] = []
    const troubles: Refusal[] = []
    const line = {
      ...{ isOpen: true, limits: { maxBytes: 100 }, unsentOrderedBytes: 0 },
      // A getter among the parameters of one calls another one, while it is written.
      sendInvocation: (id: number, reference: number, parameters: unknown[]) => {
        if (parameters[0] === 'outer') inner.push(invocations.invoke(1, [], false))
      },
      request: (request: unknown, sink: RequestSink) => sinks.push(sink)
    }
    const owner = { trouble: (refusal: Refusal) => void troubles.push(refusal) } as ConnectionOwner
    const invocations = new Invocations(line, owner, 4)
    const outer = [1, 2, 3].map(() => invocations.invoke(0, ['outer'], false))
    expect([outer.length, sinks.length, inner.length]).to.deep.equal([3, 2, 2])
    expect(await rejectionOf(outer[2] as Promise<unknown>)).to.have.property('code', 'QUEUE_FULL')
    expect(troubles.map(({ code }) => code)).to.deep.equal(['QUEUE_FULL'])
    sinks[0]?.answered(5)
    expect(await inner[0]).to.equal(5)
    void invocations.invoke(0, [], false)
    expect(await rejectionOf(invocations.invoke(0, [], false))).to.have.property('code', 'QUEUE_FULL')
  })
})
