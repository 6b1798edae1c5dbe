import { expect } from 'chai'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { streamChannel, type SocketChannel } from '../../../lib/wire/socket-channel.js'
import { Recorder } from '../../support/recorder.js'
import { unixPair, type Reading } from '../../support/unix-pair.js'

const MIB = 1024 * 1024

for (const reading of ['into targets', 'from a stream'] as Reading[]) {
  describe(`a socket channel that reads ${reading}`, () => {
    let channel: SocketChannel
    let near: Socket
    let far: Socket

    beforeEach(async () => {
      ;({ channel, near, far } = await unixPair(reading))
    })

    afterEach(() => {
      channel.close()
      far.destroy()
    })

    it('delivers every byte in order, whatever the size of the targets', async () => {
      const bytes = randomBytes(MIB)
      for (const target of [1000, 65_536]) {
        const recorder = new Recorder({ target })
        channel.read(recorder)
        far.write(bytes)
        await recorder.has(bytes.length)
        expect(recorder.bytes.equals(bytes)).to.equal(true)
        expect(Math.max(...recorder.counts)).to.be.at.most(target)
        ;({ channel, far } = await again())
      }
    })

    it('delivers into targets of a single byte', async () => {
      const recorder = new Recorder({ target: 1 })
      channel.read(recorder)
      far.write('one at a time')
      await recorder.has(13)
      expect(recorder.bytes.toString()).to.equal('one at a time')
    })

    it('reads nothing before there is a reader, and loses nothing of it', async () => {
      const bytes = randomBytes(100_000)
      far.write(bytes)
      await turn()
      await turn()
      const recorder = new Recorder()
      channel.read(recorder)
      await recorder.has(bytes.length)
      expect(recorder.bytes.equals(bytes)).to.equal(true)
    })

    it('stops at once when the reader pauses, in the middle of what has arrived too', async () => {
      const bytes = randomBytes(MIB)
      const recorder = new Recorder({ target: 700, limit: 1 })
      channel.read(recorder)
      far.write(bytes)
      while (recorder.length < 20_000) {
        await recorder.has(recorder.limit)
        const { length } = recorder
        await turn()
        await turn()
        expect(recorder.length).to.equal(length)
        recorder.limit = length + 1
        channel.read(recorder)
      }
      recorder.limit = Infinity
      channel.read(recorder)
      await recorder.has(bytes.length)
      expect(recorder.bytes.equals(bytes)).to.equal(true)
    })

    it('stays paused when the socket is resumed behind its back', async () => {
      const recorder = new Recorder({ target: 100, limit: 1 })
      far.write('first')
      if (reading === 'from a stream') near.resume()
      await turn()
      channel.read(recorder)
      await recorder.has(5)
      far.write('second')
      await turn()
      if (reading === 'from a stream') near.resume()
      await turn()
      await turn()
      expect(recorder.bytes.toString()).to.equal('first')
      far.write('third')
      await turn()
      channel.read(recorder)
      await recorder.has(11)
      recorder.limit = Infinity
      channel.read(recorder)
      await recorder.has(16)
      expect(recorder.bytes.toString()).to.equal('firstsecondthird')
    })

    it('holds the other side back while the reader pauses', async () => {
      const recorder = new Recorder({ limit: 1 })
      channel.read(recorder)
      far.write(Buffer.alloc(16 * MIB))
      await recorder.has(1)
      for (let turns = 0; turns < 50; turns++) await turn()
      expect(far.writableLength).to.be.above(12 * MIB)
    })

    it('goes on with another reader after a pause', async () => {
      const first = new Recorder({ target: 10, limit: 10 })
      channel.read(first)
      far.write('0123456789abcdef')
      await first.has(10)
      const second = new Recorder({ target: 4 })
      channel.read(second)
      await second.has(6)
      expect(first.bytes.toString() + second.bytes.toString()).to.equal('0123456789abcdef')
    })

    it('answers true when the memory of a write may be used again', async () => {
      const memory = Buffer.from('first')
      expect(channel.write(memory)).to.equal(true)
      memory.write('other')
      expect(channel.write(memory)).to.equal(true)
      memory.fill(0)
      const [bytes] = (await once(far.resume(), 'data')) as [Buffer]
      expect(bytes.toString()).to.equal('firstother')
    })

    it('answers false when the socket is full, and tells once everything has left', async () => {
      const recorder = new Recorder()
      channel.read(recorder)
      const bytes = randomBytes(4 * MIB)
      expect(channel.write(bytes)).to.equal(false)
      expect(channel.write(Buffer.from('end'))).to.equal(false)
      expect(recorder.drains).to.equal(0)
      const other = collect(far)
      await recorder.drain()
      channel.close()
      expect(Buffer.compare(await other, Buffer.concat([bytes, Buffer.from('end')]))).to.equal(0)
      expect(recorder.drains).to.equal(1)
    })

    it('tells of a small rest too, which the stream itself would not mention', async () => {
      const recorder = new Recorder()
      channel.read(recorder)
      const piece = Buffer.alloc(1000)
      let written = 1000
      while (channel.write(piece)) written += 1000
      const other = collect(far)
      await recorder.drain()
      expect(recorder.drains).to.equal(1)
      channel.close()
      expect((await other).length).to.equal(written)
    })

    it('can be written to from drained', async () => {
      const recorder = new Recorder()
      const more = [randomBytes(2 * MIB), Buffer.from('a'), randomBytes(MIB), Buffer.from('b')]
      const sent = Buffer.concat([randomBytes(2 * MIB), Buffer.from('x'), ...more])
      recorder.drained = () => {
        for (const bytes of more.splice(0, 2)) channel.write(bytes)
      }
      channel.read(recorder)
      channel.write(sent.subarray(0, 2 * MIB))
      channel.write(sent.subarray(2 * MIB, 2 * MIB + 1))
      const chunks: Buffer[] = []
      let length = 0
      far.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        length += chunk.length
      })
      far.resume()
      while (length < sent.length) await turn()
      expect(Buffer.concat(chunks).equals(sent)).to.equal(true)
    })

    it('ends once, without an error, when the other side ends', async () => {
      const recorder = new Recorder()
      channel.read(recorder)
      far.end('last words')
      expect(await recorder.end()).to.equal(undefined)
      expect(recorder.bytes.toString()).to.equal('last words')
      channel.close()
      await turn()
      expect(recorder.endings.length).to.equal(1)
      expect(channel.write(Buffer.from('nobody'))).to.equal(true)
    })

    it('reads what was written before the end, also after a pause', async () => {
      const bytes = randomBytes(50_000)
      const recorder = new Recorder({ target: 100, limit: 1 })
      channel.read(recorder)
      far.end(bytes)
      await recorder.has(1)
      await turn()
      await turn()
      expect(recorder.endings.length).to.equal(0)
      recorder.limit = Infinity
      channel.read(recorder)
      expect(await recorder.end()).to.equal(undefined)
      expect(recorder.bytes.equals(bytes)).to.equal(true)
    })

    it('reads what the other side left behind although writing to it fails', async () => {
      const bytes = randomBytes(150_000)
      const recorder = new Recorder({ target: 1000 })
      await new Promise((resolve) => far.write(bytes, resolve))
      far.destroy()
      await once(far, 'close')
      expect(channel.write(Buffer.from('too late'))).to.equal(true)
      channel.read(recorder)
      const error = (await recorder.end()) as NodeJS.ErrnoException
      expect(error.code).to.equal('EPIPE')
      expect(recorder.bytes.equals(bytes)).to.equal(true)
    })

    it('ends with the error when the other side goes without having read', async () => {
      const recorder = new Recorder()
      channel.read(recorder)
      channel.write(Buffer.from('unread'))
      far.destroy()
      const error = (await recorder.end()) as NodeJS.ErrnoException
      expect(error.code).to.equal('ECONNRESET')
      expect(recorder.endings.length).to.equal(1)
    })

    it('ends after close, drops what waits, and delivers nothing more', async () => {
      const recorder = new Recorder()
      channel.read(recorder)
      channel.write(Buffer.alloc(4 * MIB))
      far.write('unheard')
      channel.close()
      channel.close()
      expect(recorder.endings.length).to.equal(0)
      expect(await recorder.end()).to.equal(undefined)
      expect((await collect(far)).length).to.be.below(4 * MIB)
      expect([recorder.length, recorder.drains, recorder.endings.length]).to.deep.equal([0, 0, 1])
    })

    it('can be closed from received', async () => {
      const recorder = new Recorder({ target: 1 })
      const { received } = recorder
      recorder.received = (count) => {
        channel.close()
        return received.call(recorder, count)
      }
      channel.read(recorder)
      far.write('ab')
      await recorder.end()
      expect(recorder.bytes.toString()).to.equal('a')
    })

    it('tells a reader that comes after the end', async () => {
      const recorder = new Recorder()
      channel.close()
      await turn()
      channel.read(recorder)
      channel.read(recorder)
      await recorder.end()
      await turn()
      expect(recorder.endings.length).to.equal(1)
    })

    async function again(): Promise<{ channel: SocketChannel; far: Socket }> {
      channel.close()
      far.destroy()
      return unixPair(reading)
    }
  })
}

describe('a socket channel whose other side takes no more bytes but does not go', () => {
  it('reads what is there, then ends with the failure of the write', async () => {
    const { near, far, channel: idle } = await unixPair('from a stream')
    near._write = (chunk, encoding, done) => done(new Error('refused'))
    const channel = streamChannel(near)
    const recorder = new Recorder({ target: 1000, limit: 1 })
    const bytes = randomBytes(20_000)
    far.write(bytes)
    channel.read(recorder)
    await recorder.has(1000)
    channel.write(Buffer.from('anyone?'))
    await turn()
    await turn()
    expect(recorder.endings.length).to.equal(0)
    recorder.limit = Infinity
    channel.read(recorder)
    expect((await recorder.end())?.message).to.equal('refused')
    expect(recorder.bytes.equals(bytes)).to.equal(true)
    idle.close()
    far.destroy()
  })
})

async function collect(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk)).resume()
  await new Promise((resolve) => socket.on('close', resolve))
  return Buffer.concat(chunks)
}
