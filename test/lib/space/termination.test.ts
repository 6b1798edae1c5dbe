import type { ChildProcess } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { expect } from 'chai'
import type { SpaceState } from '../../../lib/space/space-state.js'
import { Termination } from '../../../lib/space/termination.js'
import { neverBegun } from '../../../lib/space/space-end.js'
import { ProtocolViolation } from '../../../lib/wire/byte-reader.js'
import { FakeTime } from '../../support/fake-time.js'

const WAITS = { ask: 1000, terminate: 2000 }
const CUT_OFF_AFTER = 500

/** A process that takes no notice of signals. */
class DeafProcess extends EventEmitter {
  pid = undefined
  exitCode: number | null = null
  signalCode = null

  constructor(private readonly told: string[]) {
    super()
  }

  kill(signal: string): boolean {
    this.told.push(signal)
    return true
  }
}

function begin() {
  const time = new FakeTime()
  const told: string[] = []
  const child = new DeafProcess(told)
  const space = {
    state: 'ready' as SpaceState,
    child: child as unknown as ChildProcess | undefined,
    schedule: time.schedule,
    ended: Promise.resolve(neverBegun),
    stopping: () => void (space.state = 'stopping')
  }
  const termination = new Termination(space, WAITS)
  const cause = () => termination.endOf(null, 'SIGKILL', '', 0, true).cause
  return { time, told, child, space, termination, cause }
}

describe('The termination of a space', () => {
  it('asks, then sends SIGTERM, then SIGKILL, and is no crash', async () => {
    const { time, told, space, termination, cause } = begin()
    expect(termination.climb(() => told.push('asked'))).to.equal(space.ended)
    expect([space.state, told]).to.deep.equal(['stopping', ['asked']])
    time.advance(WAITS.ask)
    expect(told).to.deep.equal(['asked', 'SIGTERM'])
    time.advance(WAITS.terminate)
    expect(told).to.deep.equal(['asked', 'SIGTERM', 'SIGKILL'])
    expect(cause()).to.equal(undefined)
    await space.ended
  })

  it('begins with SIGTERM where there is no way to ask', () => {
    const { told, termination } = begin()
    void termination.climb(undefined)
    expect(told).to.deep.equal(['SIGTERM'])
  })

  it('by SIGKILL is a crash where it has a cause, unless the space was asked to end before', () => {
    for (const [asked, expected] of [
      [false, 'out-of-memory'],
      [true, undefined]
    ] as const) {
      const { told, termination, cause } = begin()
      if (asked) void termination.climb(() => undefined)
      termination.kill('out-of-memory')
      expect([told, cause()]).to.deep.equal([['SIGKILL'], expected])
    }
  })

  it('by SIGTERM for a space that is blocked is a crash', () => {
    const { told, space, termination, cause } = begin()
    termination.endBlocked()
    expect([told, space.state, cause()]).to.deep.equal([['SIGTERM'], 'stopping', 'blocked'])
  })

  it('follows a breach of the protocol at once, which is told with the end', () => {
    const { told, termination, cause } = begin()
    const violation = new ProtocolViolation('an id that is not waiting')
    termination.connectionEnded(violation)
    expect([told, cause()]).to.deep.equal([['SIGKILL'], 'protocol'])
    expect(termination.endOf(null, 'SIGKILL', '', 0, true).failure).to.equal(violation)
  })

  it('follows the end of the connection when the process does not exit for a while', () => {
    const { time, told, termination, cause } = begin()
    termination.connectionEnded(undefined)
    time.advance(CUT_OFF_AFTER - 1)
    expect(told).to.deep.equal([])
    time.advance(1)
    expect([told, cause()]).to.deep.equal([['SIGKILL'], 'protocol'])
  })

  it('does not follow the end of the connection of a space that exits, or was asked to end', () => {
    const exited = begin()
    exited.termination.connectionEnded(undefined)
    exited.child.exitCode = 0
    const asked = begin()
    asked.termination.connectionEnded(undefined)
    void asked.termination.climb(() => undefined)
    for (const { time, told } of [exited, asked]) {
      time.advance(CUT_OFF_AFTER)
      expect(told).to.deep.equal([])
    }
  })

  it('has nothing to do once the space has exited', () => {
    const { time, told, space, termination, cause } = begin()
    space.state = 'exited'
    void termination.climb(() => told.push('asked'))
    termination.kill('out-of-memory')
    termination.connectionEnded(undefined)
    time.advance(CUT_OFF_AFTER)
    expect([told, cause()]).to.deep.equal([[], 'signal'])
  })

  it('tells why there never was a process', () => {
    const { space, termination } = begin()
    space.child = undefined
    const failure = new Error('no more processes')
    termination.neverStarted(failure)
    expect(termination.endOf(null, null, '', 3, false)).to.deep.equal({
      ...{ exitCode: null, signal: null, cause: 'start', stderr: '', uptime: 3, failure }
    })
  })
})
