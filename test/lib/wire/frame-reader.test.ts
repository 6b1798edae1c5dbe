import { expect } from 'chai'
import { setImmediate as turn } from 'node:timers/promises'
import { Script } from 'node:vm'
import { BATCH_LIMIT, MESSAGE_LIMIT } from '../../../lib/wire/protocol-limits.js'
import { ProtocolViolation } from '../../../lib/wire/byte-reader.js'
import { FrameReader, type FrameHandler } from '../../../lib/wire/frame-reader.js'
import { IncomingParcels } from '../../../lib/wire/incoming-parcels.js'
import { HandFedChannel } from '../../support/hand-fed-channel.js'
import { frame } from '../../support/hostile-frames.js'

const KIB = 1024

/** A handler that writes down what it is told; a batch of one byte N announces parcel N of 3 bytes and 70 000. */
class Story implements FrameHandler {
  readonly told: string[] = []
  readonly channel = new HandFedChannel()
  readonly parcels: IncomingParcels
  readonly reader: FrameReader
  onBatch: (text: string) => void = () => {}
  overdue = false
  isInterruptible = false

  constructor(chunkSize = 70_000) {
    this.parcels = new IncomingParcels(() => 1024 * KIB, chunkSize)
    this.reader = new FrameReader(this.channel, this, this.parcels)
    this.channel.read(this.reader)
  }

  /** Settles when it was told so many things. */
  async tells(count: number): Promise<void> {
    while (this.told.length < count) await turn()
  }

  batch(bytes: Buffer, start: number, end: number): void {
    if (end - start === 1) this.parcels.announce(bytes[start] as number, [3, 70_000])
    const text = bytes.toString('latin1', start, end)
    this.told.push(text.length > 100 ? `${text.length} x ${text[0]}` : text)
    this.onBatch(text)
  }

  parcel(parts: readonly Buffer[]): void {
    this.told.push(`parcel ${parts[0]?.toString('latin1')} ${parts[1]?.length} x ${parts[1]?.[69_999]}`)
  }

  drained(): void {
    this.told.push('drained')
  }

  ended(error?: Error): void {
    this.channel.close()
    this.told.push(error === undefined ? 'ended' : `ended: ${error.message}`)
  }

  violated(violation: ProtocolViolation): void {
    this.channel.close()
    this.told.push(`violated: ${violation.reason}`)
  }
}

function batch(text: string): Buffer {
  return frame(Buffer.from(text, 'latin1'))
}

function chunk(parcel: number, bytes: Uint8Array): Buffer {
  const head = Buffer.alloc(4)
  head.writeUInt32LE(parcel)
  return frame(Buffer.concat([head, bytes]), 1, bytes.length)
}

/** Keeps the process busy for so many ms. */
function spin(time: number): void {
  const started = process.hrtime.bigint()
  while (process.hrtime.bigint() - started < time * 1e6);
}

const large = Buffer.alloc(70_000, 7)
const message = Buffer.concat([
  batch('first'),
  batch('\x05'),
  chunk(5, Buffer.from('abc')),
  batch('between'),
  chunk(5, large.subarray(0, 40_000)),
  batch('x'.repeat(100_000)),
  chunk(5, large.subarray(40_000)),
  batch('last')
])
const told = ['first', '\x05', 'between', '100000 x x', 'parcel abc 70000 x 7', 'last']

describe('A reader of frames', () => {
  it('finds the frames, whatever the pieces in which they come', async () => {
    for (const pieces of [1, 2, 3, 5, 7, 1000, 4096, 65_536, Infinity]) {
      const story = new Story(40_000)
      await story.channel.feed(message, pieces)
      expect(story.told, `${pieces} bytes at a time`).to.deep.equal(told)
    }
  })

  it('finds the frames wherever they are cut in two', async () => {
    const short = Buffer.concat([
      batch('first'),
      batch('\x05'),
      chunk(5, Buffer.from('abc')),
      batch('second')
    ])
    for (let cut = 0; cut <= short.length; cut++) {
      const story = new Story()
      await story.channel.feed(short.subarray(0, cut))
      await story.channel.feed(Buffer.concat([short.subarray(cut), chunk(5, large), batch('last')]))
      expect(story.told, `cut at ${cut}`).to.deep.equal([
        'first',
        '\x05',
        'second',
        'parcel abc 70000 x 7',
        'last'
      ])
    }
  })

  it('finds the largest batch that there may be', async () => {
    const text = 'x'.repeat(128 * KIB)
    for (const pieces of [1000, Infinity]) {
      const story = new Story()
      await story.channel.feed(
        Buffer.concat([batch('first'), batch(text), batch(text), batch('last')]),
        pieces
      )
      expect(story.told).to.deep.equal(['first', '131072 x x', '131072 x x', 'last'])
    }
  })

  it('reads a chunk straight into its parcel', async () => {
    const story = new Story()
    await story.channel.feed(Buffer.concat([batch('\x05'), chunk(5, Buffer.from('abc'))]))
    await story.channel.feed(chunk(5, large).subarray(0, 8))
    expect(story.reader.target().length).to.equal(70_000)
  })

  it('has little room for headers after a parcel, and all that a batch lacks once it has begun', async () => {
    const story = new Story()
    await story.channel.feed(Buffer.concat([batch('\x05'), chunk(5, Buffer.from('abc')), chunk(5, large)]))
    expect(story.reader.target().length).to.equal(4096)
    const longest = batch('x'.repeat(BATCH_LIMIT + MESSAGE_LIMIT))
    await story.channel.feed(longest.subarray(0, 100))
    expect(story.reader.target().length).to.equal(longest.length - 100)
    await story.channel.feed(longest.subarray(100))
    expect(story.told.at(-1)).to.equal(`${BATCH_LIMIT + MESSAGE_LIMIT} x x`)
    expect(story.reader.target().length).to.be.greaterThan(256 * KIB)
  })

  it('ends at the first violation, and tells of it once', async () => {
    const story = new Story()
    await story.channel.feed(Buffer.concat([batch('good'), frame(Buffer.alloc(0), 2, 5), batch('lost')]))
    expect(story.told).to.deep.equal(['good', 'violated: a frame of an unknown kind or size'])
    expect(story.reader.received(4)).to.equal(false)
    story.reader.ended()
    expect(story.told).to.have.length(2)
  })

  it('takes whatever a handler throws for a violation', async () => {
    for (const thrown of [new ProtocolViolation('a reason'), new TypeError('a fault'), 'a text']) {
      const story = new Story()
      story.onBatch = () => {
        throw thrown
      }
      await story.channel.feed(batch('first'))
      expect(story.told[1]).to.match(/^violated: (a reason|TypeError: a fault\n|unreadable bytes)/)
    }
  })

  it('stops within a batch that stops it', async () => {
    const story = new Story()
    story.onBatch = () => {
      story.reader.stop()
      story.channel.close()
    }
    await story.channel.feed(Buffer.concat([batch('first'), batch('second')]))
    story.reader.ended()
    expect(story.told).to.deep.equal(['first'])
  })

  it('lets others have their turn when there is much to do, and goes on in order', async () => {
    const story = new Story()
    story.onBatch = () => spin(1)
    const names = Array.from({ length: 12 }, (unused, place) => `batch ${place}`)
    const fed = story.channel.feed(Buffer.concat([...names.map(batch)]))
    const firstTurn = story.told.length
    expect(firstTurn).to.be.within(1, 6)
    await turn()
    await fed
    expect(story.told).to.deep.equal(names)
  })

  it('reads nothing more while the other side has to take something first, until it is told to go on', async () => {
    const story = new Story()
    story.onBatch = (text) => (story.overdue = text === 'second')
    const fed = story.channel.feed(
      Buffer.concat([batch('first'), batch('second'), batch('third'), batch('fourth')])
    )
    await turn()
    await turn()
    expect(story.told).to.deep.equal(['first', 'second'])
    story.overdue = false
    story.reader.resume()
    await fed
    expect(story.told).to.deep.equal(['first', 'second', 'third', 'fourth'])
  })

  it('reads what is left when the other side will never take it', async () => {
    const story = new Story()
    story.onBatch = () => (story.overdue = true)
    void story.channel.feed(Buffer.concat([batch('first'), batch('second')]))
    story.reader.ended()
    while (story.told.length < 3) await turn()
    expect(story.told).to.deep.equal(['first', 'second', 'ended'])
  })

  it('tells the end after what came before it, also when that takes several turns', async () => {
    const story = new Story()
    story.onBatch = () => spin(3)
    const fed = story.channel.feed(Buffer.concat([batch('first'), batch('second'), batch('third')]))
    story.reader.ended(new Error('broken'))
    expect(story.told).to.deep.equal(['first'])
    await fed
    while (story.told.length < 4) await turn()
    expect(story.told).to.deep.equal(['first', 'second', 'third', 'ended: broken'])
  })
})

if (process.platform !== 'win32') {
  describe('A read that an interrupt breaks off', () => {
    it('leaves what came behind what ran, which is handled in the next turn', async () => {
      const { story, arrive } = interruptible()
      await arrive(batch('spins'), batch('second'), batch('third').subarray(0, 6))
      expect(story.told).to.deep.equal(['spins'])
      await story.tells(2)
      await arrive(batch('third').subarray(6), batch('fourth'))
      await story.tells(4)
      expect(story.told).to.deep.equal(['spins', 'second', 'third', 'fourth'])
    })

    it('leaves it before what comes next, which Node puts to where the last bytes were', async () => {
      const { story, arrive } = interruptible()
      const long = 'a third that is longer than what came before'
      await arrive(batch('spins'), batch('second'))
      await arrive(batch(long))
      await story.tells(3)
      expect(story.told).to.deep.equal(['spins', 'second', long])
    })

    it('loses nothing where nothing came behind', async () => {
      const { story, arrive } = interruptible()
      await arrive(batch('spins'))
      await arrive(batch('second'))
      await arrive(batch('spins'), batch('fourth'))
      await arrive(batch('fifth'))
      await story.tells(5)
      expect(story.told).to.deep.equal(['spins', 'second', 'spins', 'fourth', 'fifth'])
    })

    it('loses no parcel and nothing behind it', async () => {
      const { story, arrive } = interruptible(40_000)
      const rest = chunk(1, Buffer.alloc(30_000, 2))
      await arrive(batch('\x01'))
      await arrive(batch('spins'), chunk(1, Buffer.from('abc')), chunk(1, Buffer.alloc(40_000, 1)))
      await turn()
      await arrive(rest.subarray(0, 10_000))
      await arrive(rest.subarray(10_000), batch('last'))
      await story.tells(4)
      expect(story.told).to.deep.equal(['\x01', 'spins', 'parcel abc 70000 x 2', 'last'])
    })

    it('copies nothing where nothing is broken off', () => {
      const story = new Story()
      const target = story.reader.target()
      const bytes = Buffer.concat([batch('first'), batch('second')])
      target.set(bytes)
      story.reader.received(bytes.length)
      expect(story.reader.target().buffer).to.equal(target.buffer)
    })
  })
}

/** Reads as Node does: when what a read led to is broken off, the next bytes come to where its bytes came. */
function interruptible(chunkSize?: number): { story: Story; arrive: (...pieces: Buffer[]) => Promise<void> } {
  const story = new Story(chunkSize)
  story.isInterruptible = true
  story.onBatch = (text) => {
    if (text === 'spins') process.kill(process.pid, 'SIGINT')
    for (; text === 'spins';);
  }
  let target = story.reader.target()
  let isPaused = false
  story.channel.read = () => (isPaused = false)
  const arrive = async (...pieces: Buffer[]): Promise<void> => {
    let rest = Buffer.concat(pieces)
    while (rest.length > 0) {
      while (isPaused) await turn()
      const count = Math.min(rest.length, target.length)
      target.set(rest.subarray(0, count))
      rest = rest.subarray(count)
      if (interrupted(() => (isPaused = !story.reader.received(count)))) continue
      target = story.reader.target()
    }
  }
  return { story, arrive }
}

/** Breaks off what SIGINT meets: no `catch` and no `finally` in it runs. Whether it did. */
function interrupted(work: () => void): boolean {
  const name = 'spacepoolWorkUnderTest'
  Object.assign(globalThis, { [name]: work })
  try {
    new Script(`${name}()`).runInThisContext({ breakOnSigint: true })
    return false
  } catch (error) {
    expect(error).to.have.property('code', 'ERR_SCRIPT_EXECUTION_INTERRUPTED')
    return true
  } finally {
    Reflect.deleteProperty(globalThis, name)
  }
}
