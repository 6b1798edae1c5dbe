import { expect } from 'chai'
import { join } from 'node:path'
import { ByteWriter } from '../../../lib/wire/byte-writer.js'
import { ProtocolViolation } from '../../../lib/wire/byte-reader.js'
import { messageTypes, PARCEL } from '../../../lib/wire/message-tags.js'
import { BATCH_LIMIT, CHUNK_SIZE, MESSAGE_LIMIT } from '../../../lib/wire/protocol-limits.js'
import * as tag from '../../../lib/wire/tags.js'
import { bundle } from '../../support/bundle.js'
import { frame } from '../../support/hostile-frames.js'
import { runNode } from '../../support/run-program.js'
import { honestTraffic, MAX_BYTES, Victim } from '../../support/victim.js'

const MIB = 1024 * 1024

/** What became of the frames, with live objects and without. */
interface Fuzzed extends Record<'dead' | 'live', Record<'harmless' | 'violations', number>> {
  most: number
  polluted: boolean
}

async function violationOf(bytes: Uint8Array, pieces?: number): Promise<ProtocolViolation | undefined> {
  const victim = new Victim()
  await victim.channel.feed(bytes, pieces)
  const { violation } = victim
  victim.end()
  return violation
}

/** One message that answers request 0 with the value that is written. */
function answer(write: (writer: ByteWriter) => void): Buffer {
  const writer = new ByteWriter(64)
  writer.byte(messageTypes.result)
  writer.uint32(0)
  writer.byte(0)
  write(writer)
  return Buffer.from(writer.bytes.subarray(0, writer.position))
}

function parcel(number: number, sizes: readonly number[], message = Buffer.alloc(0)): Buffer {
  const writer = new ByteWriter(64)
  writer.byte(PARCEL)
  for (const value of [number, sizes.length, ...sizes]) writer.count(value)
  writer.raw(message)
  return frame(writer.bytes.subarray(0, writer.position))
}

/** A message as a parcel, with nothing attached. */
function asParcel(message: Buffer): Buffer {
  const frames = [parcel(0, [message.length])]
  for (let start = 0; start < message.length; start += CHUNK_SIZE) {
    const chunk = message.subarray(start, start + CHUNK_SIZE)
    frames.push(frame(Buffer.concat([Buffer.alloc(4), chunk]), 1, chunk.length))
  }
  return Buffer.concat(frames)
}

describe('Bytes from a space that has been taken over', () => {
  it('do no harm in 20 000 forms, at any speed, nor where live objects are under way', async function () {
    this.timeout(300_000)
    const seed = Date.now() % 2 ** 31
    const program = await bundle(join(__dirname, '../../fixtures/programs/fuzzed-host.ts'))
    const options = { cwd: __dirname, bound: 200_000 }
    const { code, stderr, stdout } = await runNode(program, [String(seed), '18000', '2000'], options)
    expect([code, stderr], `seed ${seed}`).to.deep.equal([0, ''])
    const { dead, live, most, polluted } = JSON.parse(stdout) as Fuzzed
    expect(dead.harmless + dead.violations).to.equal(18_000)
    expect(dead.harmless).to.be.greaterThan(900)
    expect(dead.violations).to.be.greaterThan(4500)
    expect(live.harmless + live.violations).to.be.within(2000, 2010)
    expect(live.harmless).to.be.greaterThan(200)
    expect(live.violations).to.be.greaterThan(500)
    expect([most < 1024 * MIB, polluted]).to.deep.equal([true, false])
  })

  it('may be honest: then they are not held against it', async () => {
    const [traffic] = await honestTraffic()
    const victim = new Victim()
    const first = (traffic as Buffer).subarray(0, (traffic as Buffer).readUInt32LE(0) + 4)
    await victim.channel.feed(first, 1)
    expect(victim.violation).to.equal(undefined)
    expect(await victim.sinks[0]?.answer()).to.have.property('kind', 'answered')
    victim.end()
  })

  it('are found out by their header, before what it promises has come', async () => {
    for (const [kind, length] of [
      [0, 0],
      [0, BATCH_LIMIT + MESSAGE_LIMIT + 1025],
      [0, 2 ** 30 - 1],
      [1, CHUNK_SIZE + 1],
      [2, 1],
      [3, 2 ** 30 - 1]
    ] as const) {
      expect((await violationOf(frame(Buffer.alloc(0), kind, length)))?.reason).to.match(/frame/)
    }
  })

  it('may stop in the middle of a frame: the host waits, and hears the end when it comes', async () => {
    const victim = new Victim()
    const message = frame(answer((writer) => writer.string('x'.repeat(1000))))
    await victim.channel.feed(message.subarray(0, 500))
    expect(victim.violation).to.equal(undefined)
    victim.channel.reader?.ended()
    expect(victim.side.endings).to.deep.equal([undefined])
    victim.end()
  })

  it('may nest 100 000 levels', async () => {
    const openers: ((writer: ByteWriter) => void)[] = [
      (writer) => [tag.ARRAY, 1].forEach((byte) => writer.byte(byte)),
      (writer) => [tag.SET, 1].forEach((byte) => writer.byte(byte)),
      (writer) => [tag.MAP, 1].forEach((byte) => writer.byte(byte)),
      (writer) => [tag.OBJECT, 1, 0x81, 0x61].forEach((byte) => writer.byte(byte)),
      (writer) => [tag.NEW_SHAPE, 1, 0x81, 0x61].forEach((byte) => writer.byte(byte)),
      (writer) => [tag.ERROR, 0, 0xa0, 0xa0, 0xa0, 1, 0x81, 0x61].forEach((byte) => writer.byte(byte)),
      (writer) => writer.byte(tag.BOXED),
      (writer) => [tag.ABORT_SIGNAL, 1].forEach((byte) => writer.byte(byte))
    ]
    for (const open of openers) {
      const message = answer((writer) => {
        for (let level = 0; level < 100_000; level++) open(writer)
      })
      const reason = (await violationOf(asParcel(message)))?.reason
      expect(reason).to.match(/nests too deeply|too many shapes/)
    }
  })

  it('may answer twice, or what was not asked, or call what was not lent', async () => {
    const value = answer((writer) => writer.byte(tag.NULL))
    const foreign = (id: number): Buffer => {
      const bytes = Buffer.from(value)
      bytes.writeUInt32LE(id, 1)
      return bytes
    }
    expect(await violationOf(frame(value))).to.equal(undefined)
    expect((await violationOf(frame(Buffer.concat([value, value]))))?.reason).to.match(/not waiting/)
    for (const id of [3, 2 ** 20, 2 ** 31, 2 ** 32 - 1]) {
      expect((await violationOf(frame(foreign(id))))?.reason).to.match(/not waiting/)
    }
    const invoke = Buffer.from([messageTypes.invoke, 0, 0, 0, 0, 99, 0, tag.ARRAY, 0])
    expect((await violationOf(frame(invoke)))?.reason).to.match(/not lent/)
    expect((await violationOf(frame(Buffer.from([messageTypes.release, 0, 5]))))?.reason).to.match(/not lent/)
    expect(await violationOf(frame(Buffer.from([messageTypes.release, 0, 1])))).to.equal(undefined)
    expect((await violationOf(frame(Buffer.from([messageTypes.release, 0, 0]))))?.reason).to.match(/not lent/)
    const begun = Buffer.from([messageTypes.begun, 0, 0, 0, 128, 1, 0])
    expect((await violationOf(frame(begun)))?.reason).to.match(/not waiting/)
    for (const type of [0, 99, 255]) {
      expect((await violationOf(frame(Buffer.from([type, 0]))))?.reason).to.match(/unknown type/)
    }
  })

  it('cannot make the host take memory that they do not bring', async () => {
    const repeat = (bytes: readonly number[], times: number) => (writer: ByteWriter) => {
      writer.byte(tag.ARRAY)
      writer.count(times)
      writer.raw(Buffer.alloc(times * bytes.length, Buffer.from(bytes)))
    }
    const count = (value: number): number[] => {
      const writer = new ByteWriter(16)
      writer.count(value)
      return [...writer.bytes.subarray(0, writer.position)]
    }
    const lies: Record<string, Buffer> = {
      'empty Maps': asParcel(answer(repeat([tag.MAP, 0], MIB))),
      'empty Sets': asParcel(answer(repeat([tag.SET, 0], MIB))),
      'empty objects': asParcel(answer(repeat([tag.OBJECT, 0], MIB))),
      'empty arrays': asParcel(answer(repeat([tag.ARRAY, 0], MIB))),
      'aborted signals': asParcel(answer(repeat([tag.ABORT_SIGNAL, 1, tag.NULL], MIB))),
      'resizable buffers': frame(answer(repeat([tag.RESIZABLE_BUFFER, ...count(2 ** 31), 0], 10_000))),
      'regular expressions': asParcel(
        answer(repeat([tag.REGEXP, 0x85, 0x5c, 0x70, 0x7b, 0x4c, 0x7d, 0x81, 0x75], 300_000))
      ),
      functions: frame(answer(repeat([tag.FUNCTION, ...count(5), 0, 0x80], 1))),
      'a text longer than its message': frame(
        answer((writer) => [tag.LATIN1, ...count(2 ** 30)].forEach((byte) => writer.byte(byte)))
      ),
      'an array longer than its message': frame(
        answer((writer) => [tag.ARRAY, ...count(2 ** 31)].forEach((byte) => writer.byte(byte)))
      )
    }
    for (const [name, bytes] of Object.entries(lies)) {
      const before = process.memoryUsage()
      const violation = await violationOf(bytes)
      const after = process.memoryUsage()
      if (name === 'functions') expect(violation, name).to.equal(undefined)
      else expect(violation, name).to.be.instanceOf(ProtocolViolation)
      expect(
        after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers,
        name
      ).to.be.lessThan(150 * MIB)
    }
  })

  it('may hold arrays of nothing but holes, which take no memory', async () => {
    const before = process.memoryUsage()
    const victim = new Victim()
    const message = answer((writer) => {
      writer.byte(tag.ARRAY)
      writer.count(1000)
      for (let left = 1000; left > 0; left--) {
        writer.byte(tag.SPARSE_ARRAY)
        writer.count(2 ** 25)
        writer.count(0)
      }
    })
    await victim.channel.feed(frame(message))
    expect(victim.violation).to.equal(undefined)
    const after = process.memoryUsage()
    expect(after.heapUsed - before.heapUsed).to.be.lessThan(50 * MIB)
    victim.end()
  })

  it('may lend more functions than may be lent', async () => {
    const functions = (count: number): Buffer =>
      answer((writer) => {
        writer.byte(tag.ARRAY)
        writer.count(count)
        for (let reference = 0; reference < count; reference++) {
          writer.byte(tag.FUNCTION)
          writer.count(reference)
          writer.count(0)
          writer.string('')
        }
      })
    expect(await violationOf(frame(functions(100)))).to.equal(undefined)
    expect((await violationOf(frame(functions(101))))?.reason).to.match(/more than may be lent/)
  })

  it('may announce parcels without end, or larger than they may be', async () => {
    const many = Array.from({ length: 1025 }, (unused, number) => parcel(number, [1]))
    expect((await violationOf(Buffer.concat(many)))?.reason).to.match(/too many parcels/)
    expect((await violationOf(Buffer.concat(many.slice(1))))?.reason).to.equal(undefined)
    for (const sizes of [
      [],
      [0],
      [10, 65_535],
      [MAX_BYTES + MIB + 1],
      [10, 2 ** 52],
      [MAX_BYTES, MAX_BYTES],
      Array.from({ length: 5000 }, () => 65_536)
    ]) {
      const violation = await violationOf(parcel(0, sizes, Buffer.alloc(10)))
      expect(violation, String(sizes)).to.be.instanceOf(ProtocolViolation)
    }
    const full = parcel(0, [MAX_BYTES])
    expect((await violationOf(Buffer.concat([full, parcel(1, [MIB + 1])])))?.reason).to.match(/too large/)
    expect((await violationOf(Buffer.concat([full, full])))?.reason).to.match(/twice/)
  })

  it('may announce a message that is not there, or none that can be read', async () => {
    const cut = parcel(0, [10, 65_536], Buffer.alloc(9))
    expect((await violationOf(cut))?.reason).to.match(/beyond its message/)
    const whole = [parcel(0, [10, 65_536], Buffer.alloc(10)), frame(Buffer.alloc(4 + 65_536), 1, 65_536)]
    expect((await violationOf(Buffer.concat(whole)))?.reason).to.be.a('string')
    expect(await violationOf(Buffer.concat(whole).subarray(0, -1))).to.equal(undefined)
  })

  it('may send chunks of parcels that were not announced, or too much or too little of one', async () => {
    const chunk = (number: number, length: number, bytes = length): Buffer => {
      const head = Buffer.alloc(4)
      head.writeUInt32LE(number)
      return frame(Buffer.concat([head, Buffer.alloc(bytes)]), 1, length)
    }
    expect((await violationOf(chunk(7, 10)))?.reason).to.match(/unknown parcel/)
    expect((await violationOf(Buffer.concat([parcel(0, [100]), chunk(0, 101)])))?.reason).to.match(/too long/)
    expect((await violationOf(Buffer.concat([parcel(0, [100]), chunk(0, 0)])))?.reason).to.match(/too long/)
    expect((await violationOf(Buffer.concat([parcel(0, [100]), chunk(0, 99)])))?.reason).to.match(/too short/)
    const long = parcel(0, [CHUNK_SIZE + 100])
    expect((await violationOf(Buffer.concat([long, chunk(0, 100)])))?.reason).to.match(/too short/)
    const honest = Buffer.concat([long, chunk(0, CHUNK_SIZE), chunk(0, 100).subarray(0, -1)])
    expect(await violationOf(honest)).to.equal(undefined)
  })

  it('may fill the tables of the connection with long keys', async () => {
    const message = answer((writer) => {
      writer.byte(tag.NEW_SHAPE)
      writer.count(1)
      writer.string('k'.repeat(2049))
      writer.byte(tag.NULL)
    })
    expect((await violationOf(frame(message)))?.reason).to.match(/shape is too large/)
  })
})
