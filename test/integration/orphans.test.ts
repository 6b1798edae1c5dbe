import { expect } from 'chai'
import { killChild } from '../support/children.js'
import { Host } from '../support/host.js'
import { isRunning, stillRunning } from '../support/running.js'

describe('When the host ends, its spaces are gone within 250 ms, be they idle, in a loop, or stopped', () => {
  const hosts: Host[] = []
  let spaces: number[] = []

  afterEach(() => {
    for (const { pid } of hosts.splice(0)) killChild(pid)
    for (const pid of spaces.splice(0)) if (isRunning(pid)) killChild(pid)
  })

  const ends: [title: string, end: (host: Host) => void, expected: Record<string, unknown>][] = [
    ['by kill -9', (host) => host.kill('SIGKILL'), { signal: 'SIGKILL' }],
    ['by SIGTERM', (host) => host.kill('SIGTERM'), { signal: 'SIGTERM' }],
    ['by Ctrl-C', (host) => process.kill(-host.pid, 'SIGINT'), { signal: 'SIGINT' }],
    ['by process.exit()', (host) => host.tell('exit'), { code: 3 }],
    ['by an uncaught exception', (host) => host.tell('throw'), { code: 1 }]
  ]
  for (const [title, end, expected] of ends) {
    it(title, async () => {
      const host = new Host('endsAsTold')
      hosts.push(host)
      spaces = await host.says<number[]>()
      expect(spaces).to.have.length(4)
      expect(spaces.filter(isRunning)).to.deep.equal(spaces)
      const exited = host.exits()
      end(host)
      await exited
      expect(await stillRunning(spaces, 250)).to.deep.equal([])
      expect(await host.ends()).to.include(expected)
    })
  }
})

describe('Ctrl-C at a terminal', () => {
  it('does not reach the spaces: a host that closes its pool then still gets every answer', async () => {
    const host = new Host('closesAtCtrlC')
    const spaces = await host.says<number[]>()
    process.kill(-host.pid, 'SIGINT')
    expect(await host.says()).to.deep.equal([100, 200, 300])
    expect(await host.ends()).to.include({ code: 0, signal: null })
    expect(await stillRunning(spaces, 250)).to.deep.equal([])
  })
})
