import { expect } from 'chai'
import { Host } from '../support/host.js'
import { isRunning, stillRunning } from '../support/running.js'

describe('The life of the host', () => {
  it('ends within 100 ms when a pool is idle, whatever its spaces keep open and whatever it waits for, and so do they', async () => {
    const host = new Host('idles')
    const spaces = await host.says<number[]>()
    const { code, said } = await host.ends()
    expect(code).to.equal(0)
    expect(said).to.have.length(1)
    expect((said[0] as { after: number }).after).to.be.below(100)
    expect(await stillRunning(spaces, 250)).to.deep.equal([])
  })

  it('goes on while a set is added and a call is pending, and ends with the answer', async () => {
    const { code, said } = await new Host('calls').ends()
    expect(code).to.equal(0)
    expect(said.slice(0, 2)).to.deep.equal(['added', 'answered'])
    expect((said[2] as { after: number }).after).to.be.below(100)
  })

  it('goes on while a set is reloaded', async () => {
    expect(await new Host('reloads').ends()).to.deep.include({ code: 0, said: [2] })
  })

  it('goes on while the pool is closed, and ends with that', async () => {
    const { code, said } = await new Host('closes').ends()
    expect(code).to.equal(0)
    expect(said[0]).to.equal('closed')
    expect((said[1] as { after: number }).after).to.be.below(100)
  })

  it('goes on as long as there are spaces where the option "ref" is true', async () => {
    const host = new Host('isKeptAlive')
    const spaces = await host.says<number[]>()
    // Longer than it would take to end.
    expect(await stillRunning([host.pid], 200)).to.deep.equal([host.pid])
    expect(spaces.filter(isRunning)).to.deep.equal(spaces)
    host.tell('go')
    const { code, said } = await host.ends()
    expect(code).to.equal(0)
    expect((said[0] as { after: number }).after).to.be.below(100)
  })
})
