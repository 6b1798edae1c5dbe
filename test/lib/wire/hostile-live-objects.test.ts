import { expect } from 'chai'
import { ByteWriter } from '../../../lib/wire/byte-writer.js'
import { ProtocolViolation } from '../../../lib/wire/byte-reader.js'
import { memoryChannelPair, type MemoryChannel } from '../../../lib/wire/memory-channel.js'
import { messageTypes, outcomeStates, WANTED } from '../../../lib/wire/message-tags.js'
import * as tag from '../../../lib/wire/tags.js'
import { at, LiveHost, LiveSpace, wait, type Anything } from '../../support/live-conversation.js'
import { frame } from '../../support/hostile-frames.js'
import { rejectionOf } from '../../support/rejections.js'
import { within } from '../../support/waiting.js'

const limits = { maxBytes: 1024 * 1024, maxCallbacks: 10 }
const { object, function: lentFunction, home, step: operand, root } = tag.referenceKinds

/** A host, one chain of which waits for its outcome, and the raw channel of its space. */
class Victim {
  readonly host: LiveHost
  readonly tool: Anything
  readonly pending: Promise<unknown>
  private readonly far: MemoryChannel

  constructor(...parameters: unknown[]) {
    const [near, far] = memoryChannelPair({})
    this.far = far
    this.host = new LiveHost(near, limits)
    this.tool = at(this.host.use('package'), 'run')(...parameters)
    this.pending = wait(this.tool)
    this.pending.catch(() => undefined)
  }

  /** What the host says to these bytes; undefined when it takes them. */
  async reasonAgainst(...pieces: Uint8Array[]): Promise<string | undefined> {
    await new Promise(setImmediate)
    for (const piece of pieces) this.far.write(frame(piece))
    for (let turns = 0; turns < 5; turns++) await new Promise(setImmediate)
    const [cause] = this.host.endings
    if (cause !== undefined) expect(cause).to.be.instanceOf(ProtocolViolation)
    return (cause as ProtocolViolation | undefined)?.reason
  }
}

function bytes(fill: (writer: ByteWriter) => void): Buffer {
  const writer = new ByteWriter(64)
  fill(writer)
  return Buffer.from(writer.bytes.subarray(0, writer.position))
}

/** The outcome of the step 0 of the request 0: the last one, a live value. */
function outcome(value: (writer: ByteWriter) => void, { step = 0, last = 1, id = 0, form = 3 } = {}): Buffer {
  return bytes((writer) => {
    writer.byte(messageTypes.outcome)
    writer.uint32(id)
    writer.count(step)
    writer.byte(last)
    writer.byte(outcomeStates.indexOf('value'))
    writer.byte(form)
    value(writer)
  })
}

/** An answer to the request 0 that is no outcome. */
function answer(type: number): Buffer {
  return bytes((writer) => {
    writer.byte(type)
    writer.uint32(0)
    writer.raw(Buffer.from([0, tag.NULL]))
  })
}

function reference(kind: number, number: number, more: (writer: ByteWriter) => void = () => undefined) {
  return (writer: ByteWriter): void => {
    writer.byte(tag.REFERENCE)
    writer.byte(kind)
    writer.count(number)
    more(writer)
  }
}

/** A package as an argument. */
function ofPackage(writer: ByteWriter): void {
  writer.byte(tag.REFERENCE)
  writer.byte(root)
  writer.string('package')
  writer.count(0)
}

const label = (text: string) => (writer: ByteWriter) => writer.string(text)
const noPath = (writer: ByteWriter): void => writer.count(0)
const onePath = (writer: ByteWriter): void => {
  writer.count(1)
  writer.string('a')
}
const asFunction = (writer: ByteWriter): void => {
  writer.count(0)
  writer.string('f')
}
const NULL = (writer: ByteWriter): void => writer.byte(tag.NULL)

describe('A space that has been taken over', () => {
  it('may tell what it should', async () => {
    const victim = new Victim()
    expect(await victim.reasonAgainst(outcome(reference(object, 5, label('Tool'))))).to.equal(undefined)
    expect(String(await victim.pending)).to.equal('Remote <Tool>')
  })

  const bad: [title: string, reason: RegExp, ...pieces: Buffer[]][] = [
    ['an outcome for nobody', /not waiting/, outcome(NULL, { id: 9 })],
    ['an outcome of a step that there is not', /nobody waits/, outcome(NULL, { step: 3 })],
    ['an outcome that is not the last, though it is', /nobody waits/, outcome(NULL, { last: 0 })],
    ['an unknown form of value', /form of value/, outcome(NULL, { form: 99 })],
    ['a second outcome', /not waiting/, outcome(NULL), outcome(NULL)],
    ['a reference to what was not lent', /not lent/, outcome(reference(home, 5, noPath))],
    ['an operand, which has no meaning there', /operand/, outcome(reference(operand, 0, noPath))],
    ['an operand by a path', /operand/, outcome(reference(home, 0, onePath))],
    ['a package as an operand', /operand/, outcome(ofPackage)],
    ['an unknown kind of reference', /unknown kind of reference/, outcome(reference(9, 5))],
    [
      'a reference that is not listed',
      /not listed/,
      outcome((writer) => writer.raw(Buffer.from([tag.LISTED_REFERENCE, 0])))
    ],
    [
      'a reference in a value that is no live one',
      /may be/,
      outcome(reference(object, 5, label('Tool')), { form: 0 })
    ],
    ['a name of a class without end', /name/, outcome(reference(object, 5, label('x'.repeat(5000))))],
    [
      'a promise in disguise',
      /waited for/,
      outcome((writer) => {
        writer.byte(tag.OBJECT)
        writer.count(1)
        writer.string('then')
        reference(lentFunction, 5, asFunction)(writer)
      })
    ],
    [
      'an object under the number of a function',
      /different things/,
      outcome((writer) => {
        writer.byte(tag.ARRAY)
        writer.count(2)
        reference(object, 5, label('Tool'))(writer)
        writer.byte(tag.FUNCTION)
        writer.count(5)
        writer.count(0)
        writer.string('f')
      })
    ],
    [
      'more than may be lent',
      /more than/,
      outcome((writer) => {
        writer.byte(tag.ARRAY)
        writer.count(11)
        for (let number = 0; number < 11; number++) reference(object, number, label('Tool'))(writer)
      })
    ],
    ['a result, as of a call', /a result of a script/, answer(messageTypes.result)],
    ['a failure, as of a call', /a failure of a script/, answer(messageTypes.failure)]
  ]
  for (const [title, reason, ...pieces] of bad) {
    it(`is found out by ${title}, and the chain is not left waiting`, async () => {
      const victim = new Victim()
      expect(await victim.reasonAgainst(...pieces)).to.match(reason)
      victim.host.connection.close()
      await within(
        1000,
        victim.pending.catch(() => undefined)
      )
    })
  }

  it('is found out by an outcome of a call, and the call is not left waiting', async () => {
    const victim = new Victim()
    const call = victim.host.request(['something'])
    // It was sent first: the chain is sent at the end of the tick.
    expect(await victim.reasonAgainst(outcome(NULL, { id: 0 }))).to.match(/no script/)
    victim.host.connection.close()
    expect(call.outcomes).to.deep.equal([{ kind: 'lost' }])
  })

  const script = (
    base: (writer: ByteWriter) => void,
    path: string[],
    parameters: (writer: ByteWriter) => void,
    mark = WANTED
  ): Buffer =>
    bytes((writer) => {
      writer.byte(messageTypes.script)
      writer.uint32(77)
      writer.count(1)
      writer.byte(mark)
      base(writer)
      writer.count(path.length)
      for (const segment of path) writer.string(segment)
      parameters(writer)
    })
  const onLent = (number: number) => (writer: ByteWriter) => {
    writer.byte(1)
    writer.count(number)
  }
  const onRoot = (writer: ByteWriter): void => {
    writer.byte(0)
    writer.string('fs')
  }
  const onStep = (writer: ByteWriter): void => {
    writer.byte(2)
    writer.count(0)
  }
  const none = (writer: ByteWriter): void => writer.raw(Buffer.from([0, tag.UNDEFINED]))

  class Given {
    calls = 0
    run(): string {
      this.calls++
      return 'ran'
    }
  }

  it('uses what it was given, and no more than that', async () => {
    const given = new Given()
    const victim = new Victim(given)
    expect(await victim.reasonAgainst(script(onLent(0), ['run'], none))).to.equal(undefined)
    expect(given.calls).to.equal(1)
    const refused = [
      script(onLent(0), ['constructor'], none),
      script(onLent(0), ['__proto__', 'run'], none),
      script(onRoot, ['readFileSync'], none)
    ]
    expect(await victim.reasonAgainst(...refused)).to.equal(undefined)
    expect(given.calls).to.equal(1)
  })

  const badScripts: [title: string, reason: RegExp, piece: Buffer][] = [
    ['a use of what was not lent', /not lent/, script(onLent(7), ['run'], none)],
    ['a step on itself', /before its base/, script(onStep, ['run'], none)],
    ['a script that wants no answer', /nobody waits/, script(onLent(0), ['run'], none, 0)],
    [
      'a script without a step',
      /nobody waits/,
      bytes((writer) => {
        writer.byte(messageTypes.script)
        writer.uint32(77)
        writer.count(0)
      })
    ],
    ['a path without end', /path is too long/, script(onLent(0), Array<string>(17).fill('a'), none)],
    [
      'a call of an object by its number',
      /no function/,
      bytes((writer) => {
        writer.byte(messageTypes.invoke)
        writer.uint32(3)
        writer.count(0)
        none(writer)
      })
    ]
  ]
  for (const [title, reason, piece] of badScripts) {
    it(`is found out by ${title}`, async () => {
      expect(await new Victim(new Given()).reasonAgainst(piece)).to.match(reason)
    })
  }

  it('may call a function that it was given by either way, but not use it as an object when it was given by value', async () => {
    const victim = new Victim()
    victim.host.request([(): void => undefined])
    expect(await victim.reasonAgainst(script(onLent(0), [], none))).to.match(/not lent live/)
  })
})

describe('A host that makes no sense', () => {
  it('is not listened to by a space', async () => {
    const [near, far] = memoryChannelPair({})
    const space = new LiveSpace(near, limits)
    far.write(frame(outcome(NULL)))
    await space.until(() => space.endings.length > 0)
    expect(space.endings[0]).to.be.instanceOf(ProtocolViolation)
  })
})

describe('What a host asks of a space that is gone', () => {
  it('rejects', async () => {
    const victim = new Victim()
    await new Promise(setImmediate)
    victim.host.connection.close()
    expect(await rejectionOf(victim.pending)).to.have.property('message', 'lost')
  })
})
