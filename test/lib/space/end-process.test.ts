import type { ChildProcess } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { expect } from 'chai'
import { endProcess, killNow } from '../../../lib/space/end-process.js'
import { startProcess, type StartedProcess } from '../../../lib/space/start-process.js'
import { program, processSettings } from '../../support/process-settings.js'
import { Recorder } from '../../support/recorder.js'

const never = { ask: 60_000, terminate: 60_000 }
const nothing = () => {}

describe('endProcess', () => {
  it('asks first, and says how the process ended', async () => {
    const { child, channel } = await startProcess(processSettings(), program('echo.cjs'))
    const exit = await endProcess(child, never, () => channel.close())
    expect(exit).to.deep.equal({ code: 0, signal: null })
  })

  it('sends SIGTERM to a process that does not do what it is asked', async () => {
    const { child, recorder } = await start('spin.cjs')
    await recorder.has(5)
    const exit = await endProcess(child, { ask: 1, terminate: 60_000 }, nothing)
    expect(exit).to.deep.equal({ code: null, signal: 'SIGTERM' })
  })

  it('sends SIGKILL to a process that ignores SIGTERM', async () => {
    const { child, recorder } = await start('stubborn.cjs')
    await recorder.has(5)
    const waits: number[] = []
    const then: (() => void)[] = []
    const ending = endProcess(child, { ask: 100, terminate: 200 }, nothing, (wait, next) => {
      waits.push(wait)
      then.push(next)
      return () => waits.push(0)
    })
    then[0]?.()
    await recorder.has(7)
    then[1]?.()
    expect(await ending).to.deep.equal({ code: null, signal: 'SIGKILL' })
    expect(waits).to.deep.equal([100, 200, 5000, 0])
  })

  it('begins with SIGTERM, before it returns, where there is nothing to ask with', async () => {
    const { child, recorder } = await start('spin.cjs')
    await recorder.has(5)
    const waits: number[] = []
    const ending = endProcess(child, { ask: 100, terminate: 200 }, undefined, (wait) => {
      waits.push(wait)
      return nothing
    })
    expect(child.killed).to.equal(true)
    expect(waits).to.deep.equal([200])
    expect(await ending).to.deep.equal({ code: null, signal: 'SIGTERM' })
  })

  if (process.platform !== 'win32') {
    it('ends a process that is stopped', async () => {
      const { child, recorder } = await start('stubborn.cjs')
      await recorder.has(5)
      child.kill('SIGSTOP')
      const exit = await endProcess(child, { ask: 1, terminate: 1 }, nothing)
      expect(exit).to.deep.equal({ code: null, signal: 'SIGKILL' })
    })
  }

  it('is the same for all who ask', async () => {
    const { child } = await start('echo.cjs')
    let asked = 0
    const ask = () => void asked++
    const first = endProcess(child, { ask: 1, terminate: 60_000 }, ask)
    expect(endProcess(child, never, ask)).to.equal(first)
    await first
    expect(endProcess(child, never, ask)).to.equal(first)
    expect(asked).to.equal(1)
  })

  it('settles at once when the process has exited before', async () => {
    const { child } = await start('echo.cjs')
    killNow(child)
    await once(child, 'exit')
    let asked = false
    expect(await endProcess(child, never, () => (asked = true))).to.deep.equal({
      code: null,
      signal: 'SIGKILL'
    })
    expect(asked).to.equal(false)
  })

  it('settles when somebody else ends the process meanwhile', async () => {
    const { child } = await start('spin.cjs')
    const ending = endProcess(child, never, nothing)
    killNow(child)
    killNow(child)
    expect(await ending).to.deep.equal({ code: null, signal: 'SIGKILL' })
  })

  it('ends the process even if asking it fails', async () => {
    const { child } = await start('echo.cjs')
    const ending = endProcess(child, { ask: 1, terminate: 60_000 }, () => {
      throw new Error('cannot ask')
    })
    const exit = once(child, 'exit')
    const error: unknown = await ending.catch((thrown: unknown) => thrown)
    expect((error as Error).message).to.equal('cannot ask')
    expect(await exit).to.deep.equal([null, 'SIGTERM'])
  })

  it('gives up on a process that nothing can end', async () => {
    const child = immortal()
    const steps: number[] = []
    const exit = await endProcess(child, { ask: 1, terminate: 2 }, nothing, (wait, then) => {
      steps.push(wait)
      queueMicrotask(then)
      return nothing
    })
    expect(exit).to.deep.equal({ code: null, signal: null })
    expect(steps).to.deep.equal([1, 2, 5000])
    expect(child.listenerCount('exit')).to.equal(0)
  })
})

describe('killNow', () => {
  it('does nothing to a process that has exited', async () => {
    const { child, channel } = await start('echo.cjs')
    channel.close()
    expect(await once(child, 'exit')).to.deep.equal([0, null])
    killNow(child)
    expect(child.killed).to.equal(false)
  })

  it('does nothing to a process that was never started', () => {
    killNow(immortal())
  })
})

interface Started extends StartedProcess {
  recorder: Recorder
}

async function start(name: string): Promise<Started> {
  const started = await startProcess(processSettings(), program(name))
  const recorder = new Recorder()
  started.channel.read(recorder)
  return { ...started, recorder }
}

/** A process that signals do not reach. */
function immortal(): ChildProcess {
  const kill = (): boolean => {
    throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' })
  }
  const child = { kill, pid: undefined, exitCode: null, signalCode: null }
  return Object.assign(new EventEmitter(), child) as unknown as ChildProcess
}
