import { expect } from 'chai'
import { CircuitBreaker } from '../../../lib/supervision/circuit-breaker.js'
import { FakeTime } from '../../support/fake-time.js'

const settings = {
  ...{ intensity: 2, period: 400, minBackoff: 100, maxBackoff: 100, minLife: 1000 },
  startsPerSecond: Infinity
}
const waits = { firstProbe: 500, lastProbe: 1500, probeLife: 200 }

function begin(limit: Partial<typeof settings> = {}) {
  const time = new FakeTime()
  const told: (string | number)[][] = []
  const breaker: CircuitBreaker = new CircuitBreaker(
    { ...settings, ...limit },
    waits,
    time.clock,
    time.schedule,
    {
      down: (restarts, retryAfter) => void told.push(['down', restarts, retryAfter]),
      probe: () => void told.push(['probe']),
      up: () => void told.push(['up'])
    }
  )
  return { time, told, breaker }
}

/** One crash more than may be. */
function breakDown({ breaker }: { breaker: CircuitBreaker }): void {
  for (let crash = 0; crash <= settings.intensity; crash++) breaker.crashed(0, 1)
}

describe('The circuit breaker', () => {
  it('lets a space be restarted after its backoff, and none when it goes down', () => {
    const { breaker, told } = begin()
    expect(breaker.crashed(1000, 1)).to.equal(0)
    expect(breaker.crashed(0, 1)).to.be.within(50, 100)
    expect(breaker.state).to.equal('up')
    expect(breaker.crashed(0, 1)).to.equal(undefined)
    expect(breaker.state).to.equal('down')
    expect(told).to.deep.equal([['down', 2, 500]])
  })

  it('goes down when spaces crash in a row before they are ready, which ends when one is ready', () => {
    const { time, breaker } = begin()
    const crash = (): number | undefined => {
      time.advance(settings.period * 2)
      return breaker.crashed(undefined, 1)
    }
    for (const round of [1, 2]) {
      expect([crash(), crash()], `round ${round}`).to.not.include(undefined)
      breaker.ready()
    }
    expect([crash(), crash()]).to.not.include(undefined)
    expect(crash()).to.equal(undefined)
    expect(breaker.state).to.equal('down')
  })

  it('does not count what crashes while it is down', () => {
    const run = begin()
    breakDown(run)
    expect(run.breaker.crashed(0, 1)).to.equal(undefined)
    expect(run.told).to.have.length(1)
    expect(run.breaker.retryAfter).to.equal(500)
  })

  it('wants a probe after the wait, and is up when that has lived for a while', () => {
    const run = begin()
    const { time, told, breaker } = run
    breakDown(run)
    time.advance(200)
    expect(breaker.retryAfter).to.equal(300)
    time.advance(300)
    expect(breaker).to.include({ state: 'probing', retryAfter: 0 })
    time.advance(10_000)
    breaker.ready()
    breaker.ready()
    time.advance(199)
    expect(breaker.state).to.equal('probing')
    time.advance(1)
    expect(breaker.state).to.equal('up')
    expect(told).to.deep.equal([['down', 2, 500], ['probe'], ['up']])
  })

  it('has forgotten how often it was down when it is up again', () => {
    const run = begin()
    breakDown(run)
    run.time.advance(500)
    run.breaker.ready()
    run.time.advance(200)
    expect(run.breaker.crashed(0, 1)).to.be.within(50, 100)
    breakDown(run)
    expect(run.told.at(-1)).to.deep.equal(['down', 2, 500])
  })

  it('waits longer with each probe that crashes, or could not be built', () => {
    const run = begin()
    const { time, told, breaker } = run
    breakDown(run)
    time.advance(500)
    breaker.ready()
    expect(breaker.crashed(0, 1)).to.equal(undefined)
    time.advance(999)
    expect(breaker.state).to.equal('down')
    time.advance(1)
    breaker.probeNotPlaced()
    expect(told.filter(([what]) => what === 'down')).to.deep.equal([
      ['down', 2, 500],
      ['down', 1, 1000],
      ['down', 0, 1500]
    ])
    expect(time.pending).to.equal(1)
  })

  it('counts its probes, and wants none before the limit has room for it, as it tells', () => {
    const run = begin({ intensity: 2, period: 10_000 })
    const { time, told, breaker } = run
    breakDown(run)
    const [, , wait] = told[0] as number[]
    expect(wait).to.be.within(10_050, 10_100)
    expect(breaker.retryAfter).to.equal(wait)
    time.advance(10_100)
    expect(told.at(-1)).to.deep.equal(['probe'])
    breaker.ready()
    time.advance(200)
    expect(breaker.state).to.equal('up')
    // One restart beside the probe, and the next crash is one too many.
    expect(breaker.crashed(0, 1)).to.be.within(50, 100)
    expect(breaker.crashed(0, 1)).to.equal(undefined)
    expect(told.at(-1)?.slice(0, 2)).to.deep.equal(['down', 2])
    expect(breaker.retryAfter).to.be.within(9700, 9800)
  })

  it('counts what is started beside the probe that has lived', () => {
    const run = begin({ intensity: 1, period: 10_000 })
    run.breaker.startsBeside(1)
    expect(run.breaker.crashed(0, 2)).to.be.within(50, 100)
    expect(run.breaker.crashed(0, 2)).to.equal(undefined)
  })

  it('wants a probe that had no process again, after the wait of starts, without being down anew', () => {
    const run = begin()
    const { time, told, breaker } = run
    breaker.probeNotStarted(1)
    expect(breaker.state).to.equal('up')
    breakDown(run)
    time.advance(500)
    breaker.probeNotStarted(70)
    expect(breaker).to.include({ state: 'down', retryAfter: 70 })
    time.advance(70)
    expect(breaker.state).to.equal('probing')
    breaker.crashed(0, 1)
    expect(told.map(([what]) => what)).to.deep.equal(['down', 'probe', 'probe', 'down'])
    expect(breaker.retryAfter).to.equal(1000)
  })

  it('minds no probe that it did not ask for', () => {
    const { time, breaker } = begin()
    breaker.ready()
    expect(time.pending).to.equal(0)
  })

  it('does nothing more once it is stopped, even by whoever hears that it is down', () => {
    const time = new FakeTime()
    const probes: string[] = []
    const breaker: CircuitBreaker = new CircuitBreaker(settings, waits, time.clock, time.schedule, {
      down: () => breaker.stop(),
      probe: () => void probes.push('probe'),
      up: () => void probes.push('up')
    })
    breakDown({ breaker })
    expect(time.pending).to.equal(0)
    time.advance(1e6)
    expect(probes).to.deep.equal([])
  })
})
