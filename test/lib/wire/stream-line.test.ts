import { expect } from 'chai'
import { Readable, Writable } from 'node:stream'
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
})
