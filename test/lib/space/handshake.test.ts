import { expect } from 'chai'
import { Handshake } from '../../../lib/space/handshake.js'
import { neverBegun } from '../../../lib/space/space-end.js'
import { ProtocolViolation } from '../../../lib/wire/byte-reader.js'
import { PROTOCOL_VERSION } from '../../../lib/wire/messages.js'
import { FakeTime } from '../../support/fake-time.js'

const LATE = 10_000

function begin() {
  const time = new FakeTime()
  const failures: string[] = []
  const handshake = new Handshake()
  handshake.begin(time.schedule, ({ message }) => failures.push(message))
  return { time, failures, handshake }
}

describe('The handshake with a space', () => {
  it('is over when the space says in time that it is ready', async () => {
    const { time, failures, handshake } = begin()
    time.advance(LATE - 1)
    expect(handshake.startup).to.equal(0)
    handshake.answered(PROTOCOL_VERSION, 40)
    handshake.succeed()
    await handshake.ready
    expect([handshake.startup, time.pending]).to.deep.equal([40, 0])
    expect(failures).to.deep.equal([])
  })

  it('has failed when the space has said nothing for too long', () => {
    const { time, failures } = begin()
    time.advance(LATE)
    expect(failures).to.deep.equal([`it was not ready within ${LATE} ms`])
  })

  it('is not waited for once the process has exited', () => {
    const { time, failures, handshake } = begin()
    handshake.stop()
    time.advance(LATE)
    expect(failures).to.deep.equal([])
  })

  it('is broken by another version of the protocol, and by a space that is ready twice', () => {
    const { handshake } = begin()
    expect(() => handshake.answered(PROTOCOL_VERSION + 1, 40)).to.throw(ProtocolViolation)
    expect(handshake.startup).to.equal(0)
    handshake.answered(PROTOCOL_VERSION, 40)
    expect(() => handshake.answered(PROTOCOL_VERSION, 50)).to.throw(ProtocolViolation, 'ready twice')
  })

  it('rejects with the end of a space that was never ready, and changes nothing for one that was', async () => {
    const { handshake } = begin()
    handshake.fail(neverBegun)
    expect(await handshake.ready.catch((end: unknown) => end)).to.equal(neverBegun)
    const other = begin().handshake
    other.answered(PROTOCOL_VERSION, 40)
    other.succeed()
    other.fail(neverBegun)
    await other.ready
  })
})
