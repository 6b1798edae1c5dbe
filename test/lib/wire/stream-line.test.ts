import { expect } from 'chai'
import { Readable, Writable } from 'node:stream'
import { ProtocolViolation } from '../../../lib/wire/byte-reader.js'
import { Reference, type Home } from '../../../lib/wire/chain.js'
import type { RequestSink } from '../../../lib/wire/pending.js'
import { StreamLine, type StreamCarrier } from '../../../lib/wire/stream-line.js'
import { collectUntil } from '../../support/garbage.js'
import {
  liveConversation,
  wait,
  type Anything,
  type LiveConversation
} from '../../support/live-conversation.js'
import { until } from '../../support/waiting.js'

describe('Streams of a conversation', () => {
  let talk: LiveConversation
  let streams: Anything &
    Record<'readable' | 'writable' | 'take' | 'destroyed', (stream?: unknown) => Anything>
  const left = (): number => talk.host.connection.referenceCount + talk.space.connection.lent.size

  beforeEach(() => {
    talk = liveConversation({
      streams: {
        readable: () => Readable.from(['a', 'b']),
        writable: () => new Writable({ write: (chunk, encoding, done) => done() }),
        take: (stream: Readable) => stream.toArray()
      }
    })
    streams = talk.host.use('streams') as typeof streams
  })

  it('are let go of on both sides when they have ended', async () => {
    const readable = (await wait(streams.readable())) as Readable
    expect(talk.host.connection.referenceCount).to.equal(1)
    expect(await readable.toArray()).to.deep.equal(['a', 'b'])
    const writable = (await wait(streams.writable())) as Writable
    writable.end('x')
    expect(await wait(streams.take(Readable.from([1, 2])))).to.deep.equal([1, 2])
    await until(() => left() + talk.host.connection.lent.size === 0)
  })

  it('are let go of when nobody has them any more', async () => {
    await wait(streams.readable())
    await wait(streams.writable())
    expect(talk.host.connection.referenceCount).to.equal(2)
    await collectUntil(() => left() === 0)
  })

  it('may be given to the other side and destroyed here at once', async () => {
    const readable = (await wait(streams.readable())) as Readable
    const taken = wait(streams.take(readable))
    readable.destroy()
    await taken.catch(() => undefined)
    await until(() => left() === 0)
    expect(talk.host.connection.isOpen && talk.space.connection.isOpen).to.equal(true)
  })

  it('are answered once for each thing that is asked: what says more is a violation', async () => {
    const sinks: RequestSink[] = []
    const changes: number[] = []
    const carrier: StreamCarrier = {
      request: (request, sink) => sinks.push(sink),
      asked: (change) => void changes.push(change),
      errorOf: (refusal) => refusal,
      loss: () => Promise.resolve(new Error('gone'))
    }
    const asked = new StreamLine(new Reference({} as Home, 0, 'Readable', 'object'), carrier).ask('pull', [])
    const [sink] = sinks as [RequestSink]
    const one = { type: 'outcome', id: 0, step: 0, last: true, state: 'value', at: 0, value: 5 } as const
    for (const wrong of [{ step: 1 }, { last: false }]) {
      expect(() => sink.outcome?.({ ...one, ...wrong, copied: true })).to.throw(ProtocolViolation)
    }
    sink.outcome?.({ ...one, copied: true })
    expect([await asked, changes]).to.deep.equal([5, [1, -1]])
  })
})
