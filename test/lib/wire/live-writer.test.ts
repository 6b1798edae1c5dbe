import { expect } from 'chai'
import { Reference, Root, type Home } from '../../../lib/wire/chain.js'
import { classOf } from '../../../lib/wire/class-of.js'
import { Encoder } from '../../../lib/wire/encoder.js'
import { Decoder } from '../../../lib/wire/decoder.js'
import { ProtocolViolation } from '../../../lib/wire/byte-reader.js'
import { Operand, ReferenceReader, type ReferenceTable } from '../../../lib/wire/live-reader.js'
import { ReferenceWriter } from '../../../lib/wire/live-writer.js'
import { NotCloneable } from '../../../lib/wire/not-cloneable.js'
import { Refusal } from '../../../lib/wire/refusal.js'
import { proxyOfReference, proxyOfRoot } from '../../../lib/wire/remote-proxy.js'
import * as tag from '../../../lib/wire/tags.js'
import { at } from '../../support/live-conversation.js'
import { thrownBy } from '../../support/thrown-by.js'

const home: Home = {
  ...{ lane: {}, maxBytes: 1000, isOpen: true },
  ...{ submit: () => undefined, errorFor: (problem: unknown) => problem, unobserved: () => undefined },
  ...{ holds: () => true, release: () => undefined }
}
const elsewhere: Home = { ...home }

/** A live value from one side to the other. */
class Line {
  readonly lent: object[] = []
  readonly home: [unknown, number][] = []
  readonly encoder = new Encoder(64)
  readonly decoder = new Decoder()
  readonly writer = new ReferenceWriter(
    (thing) => this.lent.push(thing) - 1,
    ({ base }) => base.destination === home,
    (stand) => this.home.find(([known]) => known === stand)?.[1]
  )
  readonly reader: ReferenceReader

  constructor(mayBeOperands = false) {
    const table: Partial<ReferenceTable> = {
      borrowObject: (number, label) => ({ number, label }),
      borrowFunction: (number, length, name) => ({ number, length, name }),
      lentThing: (number) => `lent ${number}`
    }
    this.reader = new ReferenceReader(table as ReferenceTable)
    this.writer.mayBeOperands = this.reader.mayBeOperands = mayBeOperands
    this.encoder.references = this.writer
    this.decoder.references = this.reader
  }

  cross(value: unknown): unknown {
    const { encoder, decoder } = this
    encoder.position = 0
    encoder.begin()
    encoder.live = this.writer
    encoder.value(value)
    decoder.begin(Buffer.from(encoder.bytes.subarray(0, encoder.position)), 0, encoder.position)
    decoder.beginMessage()
    return decoder.liveValue()
  }
}

class Tool {
  one = 1
}

describe('A reference on the wire', () => {
  it('of an object has its number and the name of its class, that of a function its length and name', () => {
    const line = new Line()
    const callback = (left: unknown, right: unknown): unknown[] => [left, right]
    expect(line.cross([new Tool(), callback, { deep: [new Tool()] }])).to.deep.equal([
      { number: 0, label: 'Tool' },
      { number: 1, length: 2, name: 'callback' },
      { deep: [{ number: 2, label: 'Tool' }] }
    ])
  })

  it('runs no code of what it describes, and cuts what is too long', () => {
    const line = new Line()
    const odd = Object.defineProperties(() => undefined, {
      name: { get: () => expect.fail('it was read') },
      length: { value: 10 ** 9 }
    })
    const long = Object.defineProperty(() => undefined, 'name', { value: 'x'.repeat(10_000) })
    const trap = new Proxy({}, { get: () => expect.fail('it was read') })
    const [first, second, third] = line.cross([odd, long, trap]) as {
      name: string
      length: number
      label: string
    }[]
    expect([first?.name, first?.length, second?.name.length, third?.label]).to.deep.equal([
      '',
      tag.FUNCTION_LENGTH_LIMIT,
      tag.FUNCTION_NAME_LIMIT,
      'Proxy'
    ])
  })

  it('that goes home is what was lent there, functions included', () => {
    const line = new Line()
    const stand = (): void => undefined
    line.home.push([stand, 4])
    const proxy = proxyOfReference(new Reference(home, 3, 'Tool', 'object'))
    expect(line.cross([proxy, { stand }])).to.deep.equal(['lent 3', { stand: 'lent 4' }])
    expect([line.writer.hasSentHome, line.lent]).to.deep.equal([true, []])
  })

  it('that goes somewhere else is refused', () => {
    const proxy = proxyOfReference(new Reference(elsewhere, 3, 'Tool', 'object'))
    const error = thrownBy(() => new Line().cross({ proxy }))
    expect(error).to.be.instanceOf(Refusal).and.have.property('code', 'REFERENCE_ELSEWHERE')
  })

  it('may be an operand in the parameters of steps only: a package, or what a path leads to', () => {
    const root = proxyOfRoot(new Root('package', home))
    const reference = proxyOfReference(new Reference(home, 3, 'Tool', 'object'))
    const operands = [at(root, 'a', 'b'), root, at(reference, 'one')]
    expect(new Line(true).cross(operands)).to.deep.equal([
      new Operand({ kind: 'root', name: 'package' }, ['a', 'b']),
      new Operand({ kind: 'root', name: 'package' }, []),
      new Operand({ kind: 'reference', number: 3 }, ['one'])
    ])
    for (const operand of operands) {
      expect(thrownBy(() => new Line().cross([operand]))).to.be.instanceOf(NotCloneable)
      const line = new Line(true)
      line.reader.mayBeOperands = false
      expect(thrownBy(() => line.cross([operand]))).to.be.instanceOf(ProtocolViolation)
    }
  })

  it('names classes as far as they have a name', () => {
    const nameless = new (class {})()
    const made = Object.create(Object.create(null) as object) as object
    expect([classOf(new Tool()), classOf(nameless), classOf(made)]).to.deep.equal(['Tool', '', 'Object'])
  })
})
