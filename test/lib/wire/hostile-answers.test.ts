import { expect } from 'chai'
import { setImmediate as turn } from 'node:timers/promises'
import { Connection } from '../../../lib/wire/connection.js'
import type { ConnectionLimits, ConnectionOwner } from '../../../lib/wire/connection-owner.js'
import { Encoder } from '../../../lib/wire/encoder.js'
import { memoryChannelPair, type MemoryChannel } from '../../../lib/wire/memory-channel.js'
import { writeMessage } from '../../../lib/wire/message-writer.js'
import type { Message, ScriptMessage } from '../../../lib/wire/messages.js'
import { STEP_WEIGHT, UNANSWERED_WEIGHT } from '../../../lib/wire/protocol-limits.js'
import { TargetTable } from '../../../lib/wire/target-table.js'

const MIB = 1024 * 1024

describe('what a hostile space sends', () => {
  it('ends the connection when it is a result that is a promise in disguise, which would never settle', async () => {
    const host = new Host()
    const id = host.call()
    host.receive((encoder) => write(encoder, { type: 'result', id, value: { then: () => undefined } }))
    expect(await host.ending).to.equal('the other process broke the protocol: a value to be waited for')
    expect(host.settled).to.deep.equal([])
    host.connection.close()
    expect(host.settled).to.deep.equal(['lost'])
  })

  it('may hold functions elsewhere in a result, and a `then` that is none', async () => {
    const host = new Host()
    const id = host.call()
    const value = { then: 'later', inner: { then: () => undefined } }
    host.receive((encoder) => write(encoder, { type: 'result', id, value }))
    await turn()
    expect(host.settled).to.deep.equal(['answered'])
  })

  it('is not read while it takes no answers to its invocations, and all of it is when it does', async () => {
    const host = new Host({ maxUnsent: 100_000 }, 1000)
    host.lend(() => 'x'.repeat(1000))
    await turn()
    const parameters = ['first', 'second']
    for (let id = 0; id < 2000; id++) {
      host.receive((encoder) => write(encoder, { type: 'invoke', id, reference: 0, parameters }))
    }
    await host.quiet()
    expect(host.invoked).to.be.within(100, 200)
    expect(host.connection.unsentBytes).to.be.below(220_000)
    host.takeAll()
    await host.until(() => host.invoked === 2000)
    expect(host.connection.isOpen).to.equal(true)
  })

  it('is not read while what it wants carried out takes too much until it is answered, and is when it was', async () => {
    const host = new Host({ maxUnsent: 100_000 })
    let waiting: (() => void)[] = []
    const wait = (): Promise<void> => new Promise((resolve) => waiting.push(resolve))
    host.connection.lent.lend({ wait }, true)
    for (let id = 0; id < 40; id++) host.receive((encoder) => write(encoder, script(id, 4000)))
    await host.quiet()
    const most = Math.ceil((2 * UNANSWERED_WEIGHT) / (4000 * STEP_WEIGHT))
    expect(host.invoked).to.be.within(most - 1, most)
    while (host.invoked < 40) {
      const answers = waiting
      waiting = []
      for (const answer of answers) answer()
      await turn()
    }
    expect(host.connection.isOpen).to.equal(true)
  })
})

/** Steps that each call a method of the first object that was lent live. */
function script(id: number, count: number): ScriptMessage {
  const step = { operation: 'call', base: { kind: 'reference', number: 0 }, path: ['wait'] } as const
  return {
    type: 'script',
    id,
    steps: Array.from({ length: count }, () => ({ ...step, parameters: [], wanted: true }))
  }
}

/** A host's end of a connection, and the raw channel of the space at the other. */
class Host {
  readonly connection: Connection
  readonly far: MemoryChannel
  readonly settled: string[] = []
  invoked = 0
  readonly ending: Promise<string>

  constructor(limits: Partial<ConnectionLimits> = {}, capacity?: number) {
    const [near, far] = memoryChannelPair({ capacity })
    this.far = far
    let ended!: (reason: string) => void
    this.ending = new Promise((resolve) => (ended = resolve))
    const owner: ConnectionOwner = {
      ...{ message: ignore, callbackFailed: ignore, trouble: ignore },
      ...{ crowded: ignore, relieved: ignore, released: ignore },
      invoked: () => this.invoked++,
      connectionEnded: (cause) => ended(cause?.message ?? 'it ended')
    }
    this.connection = new Connection(near, owner, { maxBytes: MIB, maxCallbacks: 10, ...limits })
  }

  /** The id of a call that waits for its answer. */
  call(parameters: unknown[] = []): number {
    const sink = (what: string) => () => void this.settled.push(what)
    return this.connection.request(
      { type: 'call', id: 0, target: { package: 'package', path: 'run' }, parameters },
      {
        ...{ answered: sink('answered'), failed: sink('failed') },
        ...{ refused: sink('refused'), lost: sink('lost') }
      }
    )
  }

  /** The first function that is lent has the reference 0. */
  lend(callback: () => unknown): void {
    this.call([callback])
  }

  /** A frame from the space. */
  receive(fill: (encoder: Encoder) => void): void {
    const encoder = new Encoder(64)
    encoder.lend = () => 0
    encoder.uint32(0)
    encoder.begin()
    fill(encoder)
    encoder.bytes.writeUInt32LE(encoder.position - 4)
    this.far.write(Buffer.from(encoder.bytes.subarray(0, encoder.position)))
  }

  /** The space reads from now on. */
  takeAll(): void {
    const target = Buffer.alloc(64 * 1024)
    this.far.read({ target: () => target, received: () => true, drained: ignore, ended: ignore })
  }

  /** Until nothing more happens by itself. */
  async quiet(): Promise<void> {
    for (let last = -1; last !== this.invoked;) {
      last = this.invoked
      for (let turns = 0; turns < 20; turns++) await turn()
    }
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await turn()
  }
}

function write(encoder: Encoder, message: Message): void {
  writeMessage(encoder, new TargetTable(), message, true)
}

const ignore = (): void => undefined
