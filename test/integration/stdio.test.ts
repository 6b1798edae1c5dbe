import { expect } from 'chai'
import type { SpaceOutputEvent } from '../../lib/events.js'
import type { SpacePool } from '../../lib/space-pool.js'
import { Host } from '../support/host.js'
import { destroyPools, newPool } from '../support/pools.js'
import { recordingLogger } from '../support/records.js'
import { until } from '../support/waiting.js'

describe('What a space prints', () => {
  afterEach(destroyPools)

  it('comes as events, line by line, of both streams', async () => {
    const pool = newPool()
    const lines = linesOf(pool)
    const set = await pool.add(['prints', 'prints-at-load'])
    await set.call('prints', 'out', ['one', 'two'])
    await set.call('prints', 'error', ['three'])
    await set.call('prints', 'outRaw', ['without an end'])
    await until(() => lines.length === 5)
    expect(lines.filter(([stream]) => stream === 'stdout')).to.deep.equal([
      ['stdout', 'loading'],
      ['stdout', 'one'],
      ['stdout', 'two']
    ])
    expect(lines.filter(([stream]) => stream === 'stderr')).to.deep.equal([
      ['stderr', 'loading, to stderr'],
      ['stderr', 'three']
    ])
    await set.evict()
    expect(lines.at(-1)).to.deep.equal(['stdout', 'without an end'])
  })

  it('comes as records of the logger, bound to the space and its set', async () => {
    const { logger, records } = recordingLogger()
    const pool = newPool({ logger })
    const set = await pool.add('prints')
    await set.call('prints', 'out', ['hello'])
    const output = (): unknown => records.find(({ message }) => message === 'output')
    await until(() => output() !== undefined)
    expect(output()).to.deep.include({ level: 'info' })
    expect(output())
      .to.have.property('fields')
      .that.includes({ stream: 'stdout', line: 'hello', key: 'prints', space: 1 })
  })

  it('is bounded: a flood costs neither the host its event loop nor the space its life', async () => {
    const pool = newPool()
    const events: SpaceOutputEvent[] = []
    pool.on('spaceOutput', (event) => events.push(event))
    const set = await pool.add(['prints', 'plain-functions'])
    // ms of work without a turn of the event loop.
    let longest = 0
    let before = process.cpuUsage()
    const timer = setInterval(() => {
      const { user, system } = process.cpuUsage(before)
      longest = Math.max(longest, (user + system) / 1000)
      before = process.cpuUsage()
    }, 5)
    const begun = performance.now()
    expect(await set.call('prints', 'flood', [40_000, 80])).to.equal(40_000)
    clearInterval(timer)
    expect(longest).to.be.below(250)
    expect(await set.call('plain-functions', 'add', [1, 2])).to.equal(3)
    // Some of the flood may still be under way, and what is printed behind it left out with it.
    const heard = (): boolean => events.some(({ line }) => line === 'after the flood')
    let more = 0
    for (; !heard(); more++) await set.call('prints', 'out', ['after the flood'])
    const lines = events.filter(({ dropped }) => dropped === 0).length
    const dropped = events.reduce((sum, event) => sum + event.dropped, 0)
    // A line that comes in two pieces may be in neither.
    expect(lines + dropped).to.be.within(39_000, 40_000 + more)
    // A thousand lines in a second, in windows of which the first and the last count whole.
    expect(lines).to.be.at.most(performance.now() - begun + 200)
  })

  it('is cut where a line is very long', async () => {
    const pool = newPool()
    const lines = linesOf(pool)
    const set = await pool.add('prints')
    await set.call('prints', 'longLine', [20_000])
    await until(() => lines.length === 3)
    expect(lines.map(([, line]) => line.length)).to.deep.equal([8192, 8192, 3616])
  })

  it('goes to the output of the host with "inherit"', async () => {
    const host = new Host('inherits', 'inherit')
    const { code, said, stderr } = await host.ends()
    expect(code).to.equal(0)
    expect(said).to.deep.equal(['to stdout'])
    expect(stderr).to.equal('"to stderr"\n')
  })

  it('goes nowhere with "ignore"', async () => {
    const { code, said, stderr } = await new Host('inherits', 'ignore').ends()
    expect({ code, said, stderr }).to.deep.equal({ code: 0, said: [], stderr: '' })
  })
})

function linesOf(pool: SpacePool): [stream: string, line: string][] {
  const lines: [string, string][] = []
  pool.on('spaceOutput', ({ stream, line }) => lines.push([stream, line]))
  return lines
}
