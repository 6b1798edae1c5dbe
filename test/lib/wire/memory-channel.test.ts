import { expect } from 'chai'
import { randomBytes } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import { memoryChannelPair } from '../../../lib/wire/memory-channel.js'
import { Recorder } from '../../support/recorder.js'

describe('a pair of channels in memory', () => {
  it('carries bytes both ways, never within the write', async () => {
    const [left, right] = memoryChannelPair()
    const [atLeft, atRight] = [new Recorder(), new Recorder()]
    left.read(atLeft)
    right.read(atRight)
    expect(left.write(Buffer.from('to the right'))).to.equal(true)
    expect(right.write(Buffer.from('to the left'))).to.equal(true)
    expect([atLeft.length, atRight.length]).to.deep.equal([0, 0])
    await atRight.has(12)
    await atLeft.has(11)
    expect(atLeft.bytes.toString() + ', ' + atRight.bytes.toString()).to.equal('to the left, to the right')
  })

  it('copies what it has taken', async () => {
    const [left, right] = memoryChannelPair()
    const recorder = new Recorder()
    right.read(recorder)
    const memory = Buffer.from('first')
    left.write(memory)
    memory.write('other')
    left.write(memory)
    await recorder.has(10)
    expect(recorder.bytes.toString()).to.equal('firstother')
  })

  it('keeps to the size of the targets, and to smaller pieces when asked', async () => {
    for (const [pieces, most] of [
      [undefined, 100],
      [7, 7]
    ] as const) {
      const [left, right] = memoryChannelPair({ pieces })
      const recorder = new Recorder({ target: 100 })
      right.read(recorder)
      const bytes = randomBytes(1000)
      left.write(bytes)
      await recorder.has(1000)
      expect(Math.max(...recorder.counts)).to.equal(most)
      expect(recorder.bytes.equals(bytes)).to.equal(true)
    }
  })

  it('delivers nothing while the reader pauses, and goes on afterwards', async () => {
    const [left, right] = memoryChannelPair()
    const recorder = new Recorder({ target: 4, limit: 1 })
    left.write(Buffer.from('0123456789'))
    await turn()
    right.read(recorder)
    await recorder.has(1)
    await turn()
    await turn()
    expect(recorder.bytes.toString()).to.equal('0123')
    recorder.limit = Infinity
    right.read(recorder)
    await recorder.has(10)
    expect(recorder.bytes.toString()).to.equal('0123456789')
  })

  it('answers false when more is under way than it holds, and tells when all of it has left', async () => {
    const [left, right] = memoryChannelPair({ capacity: 10 })
    const [atLeft, atRight] = [new Recorder(), new Recorder({ target: 3 })]
    left.read(atLeft)
    expect(left.write(Buffer.from('0123456789'))).to.equal(true)
    expect(left.write(Buffer.from('abcdefghijklmno'))).to.equal(false)
    await turn()
    expect(atLeft.drains).to.equal(0)
    right.read(atRight)
    await atLeft.drain()
    await atRight.has(25)
    expect(atLeft.drains).to.equal(1)
    expect(atRight.bytes.toString()).to.equal('0123456789abcdefghijklmno')
  })

  it('ends both sides after close, and what was written before still arrives', async () => {
    const [left, right] = memoryChannelPair()
    const [atLeft, atRight] = [new Recorder(), new Recorder()]
    left.read(atLeft)
    right.read(atRight)
    left.write(Buffer.from('last words'))
    right.write(Buffer.from('unheard'))
    left.close()
    left.close()
    expect(await atRight.end()).to.equal(undefined)
    expect(await atLeft.end()).to.equal(undefined)
    right.close()
    await turn()
    expect([atLeft.endings.length, atRight.endings.length]).to.deep.equal([1, 1])
    expect([atLeft.length, atRight.bytes.toString()]).to.deep.equal([0, 'last words'])
    expect(right.write(Buffer.from('nobody'))).to.equal(true)
  })

  it('can break with an error, which the other side sees as an end', async () => {
    const [left, right] = memoryChannelPair()
    const [atLeft, atRight] = [new Recorder(), new Recorder()]
    left.read(atLeft)
    right.read(atRight)
    left.break(new Error('broken'))
    expect((await atLeft.end())?.message).to.equal('broken')
    expect(await atRight.end()).to.equal(undefined)
  })

  it('tells a reader that comes after the end', async () => {
    const [left, right] = memoryChannelPair()
    left.close()
    await turn()
    const recorder = new Recorder()
    right.read(recorder)
    expect(await recorder.end()).to.equal(undefined)
  })
})
