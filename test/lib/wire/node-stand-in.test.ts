import { expect } from 'chai'
import { once } from 'node:events'
import { Duplex, PassThrough, Readable, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { ProtocolViolation } from '../../../lib/wire/byte-reader.js'
import { nodeStandIn } from '../../../lib/wire/node-stand-in.js'
import { loseStandIn } from '../../../lib/wire/far-stream.js'
import { streamKindOf, type StreamKind } from '../../../lib/wire/stream-kinds.js'
import { across } from '../../support/far-stream.js'
import { rejectionOf } from '../../support/rejections.js'
import { until } from '../../support/waiting.js'

describe('What stands for a stream of Node', () => {
  it('asks for nothing before it is read, and is released at the end', async () => {
    const { standIn, far } = across(Readable.from(['a', 'b'], { objectMode: false }))
    expect(far.asked).to.deep.equal([])
    expect(await text(standIn)).to.equal('ab')
    expect(new Set(far.asked)).to.deep.equal(new Set(['pull']))
    expect(far.released).to.equal(1)
  })

  it('writes what has gathered at once', async () => {
    const chunks: unknown[] = []
    const sink = new Writable({ write: (chunk, encoding, done) => done(void chunks.push(String(chunk))) })
    const { standIn, far } = across(sink)
    for (const chunk of ['a', 'b', 'c']) standIn.write(chunk)
    standIn.end()
    await until(() => standIn.closed)
    expect(chunks).to.deep.equal(['a', 'b', 'c'])
    expect(far.asked).to.deep.equal(['over', 'write', 'write', 'end'])
    expect(far.released).to.equal(1)
  })

  it('is over when a Duplex is that was not read through it', async () => {
    const through = new PassThrough()
    const { standIn, far } = across(through)
    standIn.end('for another reader')
    expect(await text(through)).to.equal('for another reader')
    await once(standIn, 'close')
    expect(standIn.errored).to.equal(null)
    expect(far.released).to.equal(1)
  })

  it('is told when what is written to has failed, though nothing is written', async () => {
    const sink = new Writable({ write: () => undefined })
    const { standIn } = across(sink)
    const failed = once(standIn, 'error')
    sink.destroy(new RangeError('it is full'))
    expect((await failed)[0]).to.be.an.instanceOf(RangeError)
  })

  it('ends what it stands for when it is destroyed', async () => {
    const source = new Readable({ read: () => undefined })
    const { standIn, far } = across(source)
    const failed = once(source, 'error')
    standIn.on('error', () => undefined).destroy(new Error('enough'))
    expect((await failed)[0]).to.have.property('message', 'enough')
    expect(far.released).to.equal(1)
    const silent = across(new Readable({ read: () => undefined }))
    silent.standIn.destroy()
    await until(() => silent.far.released === 1)
  })

  it('ends both sides of a Duplex when one fails', async () => {
    const broken = new Duplex({
      read: () => undefined,
      write: (chunk, encoding, done) => done(new Error('it does not fit'))
    })
    const { standIn } = across(broken)
    const failing = rejectionOf(pipeline(standIn, new PassThrough()))
    standIn.write('x')
    expect(await failing).to.have.property('message', 'it does not fit')
    expect(standIn.destroyed && broken.destroyed).to.equal(true)
  })

  it('tells an error that nobody listens for elsewhere, and does not throw it', async () => {
    const { standIn, far } = across(new Readable({ read: () => undefined }))
    const loss = new Error('the other side is gone')
    loseStandIn(standIn, loss)
    await until(() => standIn.closed)
    expect(far.unheard).to.deep.equal([loss])
    expect(standIn.errored).to.equal(loss)
  })

  it('fails when what comes is no answer', async () => {
    const kind = streamKindOf(new Readable()) as StreamKind
    for (const answer of [undefined, 7, { chunks: 'x', done: false }, { chunks: [] }]) {
      const far = {
        ask: () => Promise.resolve(answer),
        release: () => undefined,
        unobserved: () => undefined
      }
      const error = await rejectionOf(text(nodeStandIn(kind, far) as Readable))
      expect(error)
        .to.have.property('message')
        .that.matches(/no chunks of a stream/)
    }
  })

  it('ends with an error, which nobody has to listen for, when what comes of it are no chunks of such a stream', async () => {
    const bytes = {
      flavour: 'readable',
      writesObjects: false,
      isHalfOpen: false,
      encoding: '',
      label: ''
    } as const
    for (const [readsObjects, chunk] of [
      [false, { no: 'bytes' }],
      [false, null],
      [true, null]
    ] as const) {
      const unheard: unknown[] = []
      const standIn = nodeStandIn(
        { ...bytes, readsObjects },
        {
          ask: async (request) => (request === 'pull' ? { chunks: [chunk, chunk], done: false } : undefined),
          release: () => undefined,
          unobserved: (error) => void unheard.push(error)
        }
      )
      ;(standIn as Readable).resume()
      await until(() => standIn.closed)
      expect(unheard).to.deep.equal([standIn.errored])
      expect(standIn.errored).to.be.an.instanceOf(ProtocolViolation)
    }
  })

  it('asks for nothing after the end, so that nothing more can come, though more was read for meanwhile', async () => {
    const kind = streamKindOf(new Readable()) as StreamKind
    for (const readsObjects of [false, true]) {
      const [asked, unheard]: [string[], unknown[]] = [[], []]
      const standIn = nodeStandIn(
        { ...kind, readsObjects },
        {
          ask: async (request) => {
            asked.push(request)
            return request === 'pull' ? { chunks: ['a', 'b'], done: true } : undefined
          },
          release: () => undefined,
          unobserved: (error) => void unheard.push(error)
        }
      ) as Readable
      const read: unknown[] = []
      standIn.on('data', (chunk) => {
        read.push(String(chunk))
        standIn.read()
      })
      await until(() => standIn.closed)
      expect([read, unheard, standIn.errored]).to.deep.equal([['a', 'b'], [], null])
      expect(asked.filter((request) => request === 'pull')).to.deep.equal(['pull'])
    }
  })
})
