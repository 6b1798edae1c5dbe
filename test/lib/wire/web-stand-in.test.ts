import { expect } from 'chai'
import { loseStandIn } from '../../../lib/wire/far-stream.js'
import { across } from '../../support/far-stream.js'
import { rejectionOf } from '../../support/rejections.js'
import { until } from '../../support/waiting.js'

describe('What stands for a web stream', () => {
  it('asks for nothing before it is read, then for one batch ahead, and is released at the end', async () => {
    let made = 0
    const source = new ReadableStream<number>(
      { pull: (controller) => (made < 500 ? controller.enqueue(made++) : controller.close()) },
      { highWaterMark: 0 }
    )
    const { standIn, far } = across(source)
    await new Promise((resolve) => setImmediate(resolve))
    expect([made, far.asked]).to.deep.equal([0, []])
    let read = 0
    for await (const item of standIn) {
      expect(item).to.equal(read++)
      expect(made - read).to.be.below(300)
    }
    expect(read).to.equal(500)
    expect(far.released).to.equal(1)
    expect(far.asked.length).to.be.below(10)
  })

  it('cancels and aborts what it stands for', async () => {
    const reasons: unknown[] = []
    const readable = across(new ReadableStream({ cancel: (reason) => void reasons.push(reason) }))
    await readable.standIn.cancel('no need')
    const writable = across(new WritableStream({ abort: (reason) => void reasons.push(reason) }))
    await writable.standIn.abort('no more')
    await until(() => reasons.length === 2)
    expect(reasons).to.deep.equal(['no need', 'no more'])
    expect([readable.far.released, writable.far.released]).to.deep.equal([1, 1])
  })

  it('writes what has gathered while something is written, and slows down who writes more', async () => {
    const chunks: unknown[] = []
    let go: () => void = () => undefined
    const gate = new Promise<void>((resolve) => (go = resolve))
    const sink = new WritableStream({
      async write(chunk: Buffer) {
        await gate
        chunks.push(chunk.length)
      }
    })
    const { standIn, far } = across(sink)
    const writer = standIn.getWriter()
    let written = 0
    const writing = (async () => {
      for (; written < 40; written++) {
        await writer.ready
        void writer.write(Buffer.alloc(50_000))
      }
    })()
    await until(() => written >= 6)
    expect(written).to.be.below(10)
    go()
    await writing
    await writer.close()
    expect(chunks).to.have.length(40)
    expect(far.asked.filter((request) => request === 'write').length).to.be.below(20)
    expect(far.released).to.equal(1)
  })

  it('fails when the other side is gone', async () => {
    const readable = across(new ReadableStream())
    const writable = across(new WritableStream())
    const loss = new Error('gone')
    loseStandIn(readable.standIn, loss)
    loseStandIn(writable.standIn, loss)
    expect(await rejectionOf(readable.standIn.getReader().read())).to.equal(loss)
    expect(await rejectionOf(writable.standIn.getWriter().closed)).to.equal(loss)
  })

  it('leaves alone what somebody else has locked, and says so', async () => {
    const source = new ReadableStream()
    source.getReader()
    const { standIn } = across(source)
    expect(await rejectionOf(standIn.getReader().read())).to.be.an.instanceOf(TypeError)
  })
})
