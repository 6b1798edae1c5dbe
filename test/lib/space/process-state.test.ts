import { expect } from 'chai'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { isExiting, isStopped } from '../../../lib/space/process-state.js'

describe('Whether a process is stopped', () => {
  it('is not said of what is not there', () => {
    expect(isStopped(undefined)).to.equal(false)
    expect(isStopped(2 ** 30)).to.equal(false)
  })

  if (process.platform === 'linux') {
    it('is known from outside, until it goes on', async () => {
      const child = spawn('sleep', ['60'])
      await once(child, 'spawn')
      expect(isStopped(child.pid)).to.equal(false)
      child.kill('SIGSTOP')
      while (!isStopped(child.pid));
      child.kill('SIGCONT')
      while (isStopped(child.pid));
      const exit = once(child, 'exit')
      child.kill('SIGKILL')
      await exit
      expect(isStopped(child.pid)).to.equal(false)
    })
  }
})

describe('Whether a process is ending', () => {
  it('is not said of what is not there', () => {
    expect(isExiting(undefined)).to.equal(false)
    expect(isExiting(2 ** 30)).to.equal(false)
  })

  if (process.platform === 'linux') {
    it('is known before its exit is told', async () => {
      const child = spawn('sleep', ['60'])
      await once(child, 'spawn')
      expect(isExiting(child.pid)).to.equal(false)
      const exit = once(child, 'exit')
      child.kill('SIGKILL')
      // Node tells nothing before the event loop turns.
      while (!isExiting(child.pid));
      expect(child.signalCode).to.equal(null)
      await exit
      expect(isExiting(child.pid)).to.equal(false)
    })
  }
})
