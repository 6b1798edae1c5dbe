import { expect } from 'chai'
import { isExiting } from '../../../lib/space/process-state.js'
import { scheduleTimeout, type Schedule } from '../../../lib/space/schedule.js'
import { nobody } from '../../../lib/space/space-owner.js'
import { Space } from '../../../lib/space/space.js'
import { startProcess } from '../../../lib/space/start-process.js'
import { processSettings } from '../../support/process-settings.js'

const context = {
  limits: { maxBytes: 2 ** 20, maxCallbacks: 10 },
  stop: { ask: 60_000, terminate: 60_000 },
  schedule: scheduleTimeout,
  reaper: { watch: () => undefined, forget: () => undefined }
}

async function readySpace(schedule: Schedule = scheduleTimeout): Promise<Space> {
  const space = new Space(1, { ...context, schedule }, nobody).launch(startProcess(processSettings()))
  await space.ready
  return space
}

describe('The start of a space', () => {
  it('has failed when what it needs beside its process fails, and nothing is left of it', async () => {
    const watch = (): never => {
      throw new Error('no reaper')
    }
    const space = new Space(1, { ...context, reaper: { ...context.reaper, watch } }, nobody)
    const end = await space.launch(startProcess(processSettings())).ended
    expect(end).to.include({ cause: 'start', signal: 'SIGKILL' })
    expect(end.failure).to.be.instanceOf(Error).and.have.property('message', 'no reaper')
    expect(await space.ready.catch((reason: unknown) => reason)).to.equal(end)
  })
})

describe('The end of a space', () => {
  it('is a crash when it is killed for what it did', async () => {
    const space = await readySpace()
    space.kill('out-of-memory')
    expect(await space.ended).to.include({ cause: 'out-of-memory', signal: 'SIGKILL' })
  })

  it('is no crash when it was asked to end before, whatever it is killed for then', async () => {
    for (const cause of ['out-of-memory', 'protocol'] as const) {
      const space = await readySpace()
      const ended = space.stop()
      space.kill(cause)
      expect(await ended).to.include({ cause: undefined })
    }
    const space = await readySpace()
    const ended = space.stop()
    space.unblocking.condemn(1, () => undefined)
    expect(await ended).to.include({ cause: undefined })
  })

  it('stays a crash when it is asked to end afterwards', async () => {
    const space = await readySpace()
    space.unblocking.condemn(60_000, () => undefined)
    expect(await space.stop()).to.include({ cause: 'blocked', signal: 'SIGTERM' })
  })

  if (process.platform === 'linux') {
    it('is what ended it, also where its connection is seen to end long before its exit', async () => {
      // Nothing is waited for: what is seen at once might be seen after any time.
      const space = await readySpace((wait, then) => {
        if (wait === 500) then()
        return wait === 500 ? () => undefined : scheduleTimeout(wait, then)
      })
      process.kill(space.pid as number, 'SIGKILL')
      expect(await space.ended).to.include({ cause: 'signal', signal: 'SIGKILL' })
    })

    it('is not hurried by a SIGKILL, nor is one told, where it has come and this process has not heard of it', async () => {
      const space = await readySpace((wait, then) => {
        if (wait === 1) then()
        return wait === 1 ? () => undefined : scheduleTimeout(wait, then)
      })
      process.kill(space.pid as number, 'SIGKILL')
      while (!isExiting(space.pid));
      let told = false
      space.unblocking.condemn(1, () => (told = true))
      expect(told).to.equal(false)
      await space.ended
    })
  }
})
