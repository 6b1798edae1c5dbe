import { expect } from 'chai'
import type { SpaceUnresponsiveEvent } from '../../lib/events.js'
import type { SpacePoolOptions } from '../../lib/options.js'
import type { SpacePool } from '../../lib/space-pool.js'
import { removeWrittenFolders } from '../spaces/fixtures.js'
import { Gate } from '../support/gate.js'
import { destroyPools, newPool, newSupervisor } from '../support/pools.js'
import { recordingLogger } from '../support/records.js'
import { rejectionOf } from '../support/rejections.js'
import { nextEvent, until, within } from '../support/waiting.js'

const heartbeat = { interval: 50, missed: 3 }
/** Not even a space that a busy machine keeps waiting is silent for 2 s. */
const patient = { heartbeat: { interval: 100, missed: 20 } }
const LONGER = 2500

function watched(options: SpacePoolOptions = {}): { pool: SpacePool; events: SpaceUnresponsiveEvent[] } {
  const pool = newPool({ heartbeat, ...options })
  const events: SpaceUnresponsiveEvent[] = []
  pool.on('spaceUnresponsive', (event) => events.push(event))
  return { pool, events }
}

describe('The heartbeat of a space', () => {
  afterEach(destroyPools)
  after(removeWrittenFolders)

  it('notices one that is blocked by a call without a timeout, and tells what blocks it', async () => {
    const { pool, events } = watched()
    const set = await pool.add('blocks')
    const noticed = nextEvent(pool, 'spaceUnresponsive')
    const call = rejectionOf(set.call('blocks', 'spinForever'))
    const event = await noticed
    expect(event).to.include({ step: 'noticed', key: set.key, generation: 1 })
    expect(event.silence).to.be.at.least(140)
    expect(event.remoteStack).to.match(/spinForever \(.*blocks[\\/]index\.js:\d+:\d+\)/)
    expect(set.stats()).to.include({ inFlight: 1, restarts: 0 })
    await pool.destroy()
    await call
    expect(events).to.have.length(1)
  })

  it('leaves the space alone: what comes late is still the answer, and the log says that it answers again', async () => {
    const { logger, records } = recordingLogger()
    const { supervisor, events, call } = newSupervisor({ heartbeat }, {}, logger)
    const set = await supervisor.add('blocks', undefined)
    const gate = new Gate()
    const late = call(set, 'blocks', 'spinUntilThere', [gate.file])
    await until(() => events.some(({ name }) => name === 'spaceUnresponsive'))
    gate.open()
    expect(await late).to.equal('done')
    await until(() => records.some(({ message }) => message === 'space answers again'))
    const steps = events.flatMap(({ name, event }) =>
      name === 'spaceUnresponsive' ? [(event as SpaceUnresponsiveEvent).step] : []
    )
    expect(steps).to.deep.equal(['noticed'])
    const lines = records.filter(({ level }) => level === 'warn').map(({ message }) => message)
    expect(lines).to.deep.equal(['space does not answer'])
  })

  if (process.platform !== 'win32') {
    it('notices one that was stopped by a signal, of which there is no stack, and that goes on later', async () => {
      const { pool } = watched()
      const set = await pool.add('plain-functions')
      const pid = pool.stats().spaces[0]?.pid ?? 0
      const noticed = nextEvent(pool, 'spaceUnresponsive')
      process.kill(pid, 'SIGSTOP')
      const call = set.call('plain-functions', 'add', [1, 2])
      // Nobody waits for what it could say about itself, which could take three seconds.
      const event = await (process.platform === 'linux' ? within(2500, noticed) : noticed)
      expect(event).to.include({ step: 'noticed', pid, remoteStack: null })
      process.kill(pid, 'SIGCONT')
      expect(await call).to.equal(3)
      expect(set.stats()).to.include({ generation: 1, errors: 0 })
    })
  }

  it('says nothing of a space whose event loop is free, however long its call takes', async () => {
    const { pool, events } = watched(patient)
    const set = await pool.add('plain-functions')
    expect(await set.call('plain-functions', 'sleep', [LONGER, 'late'])).to.equal('late')
    expect(events).to.deep.equal([])
  })

  if (process.platform !== 'win32') {
    it('says nothing of a space that is idle, though it be stopped', async () => {
      const { pool, events } = watched(patient)
      const [idle, other] = await Promise.all([pool.add('plain-functions'), pool.add('plain-function')])
      const pid = pool.stats().spaces.find(({ key }) => key === idle.key)?.pid ?? 0
      await idle.call('plain-functions', 'add', [1, 2])
      process.kill(pid, 'SIGSTOP')
      await other.call('plain-function', '', ['you'])
      await new Promise((resolve) => setTimeout(resolve, LONGER))
      expect(events).to.deep.equal([])
      process.kill(pid, 'SIGCONT')
    })
  }

  it('says nothing with an interval of Infinity', async () => {
    const { pool, events } = watched({ heartbeat: { interval: Infinity } })
    const set = await pool.add('blocks')
    expect(await set.call('blocks', 'spin', [400])).to.equal('done')
    expect(events).to.deep.equal([])
  })

  it('is not disturbed by a host that stands still itself', async () => {
    const { pool, events } = watched({ heartbeat: { interval: 400, missed: 3 } })
    const set = await pool.add('plain-functions')
    const call = set.call('plain-functions', 'sleep', [2600, 'late'])
    for (let stall = 0; stall < 3; stall++) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 640)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await call).to.equal('late')
    expect(events).to.deep.equal([])
  })
})
