import { expect } from 'chai'
import fc from 'fast-check'
import { CircuitBreaker } from '../../../lib/supervision/circuit-breaker.js'
import { defaultBounds } from '../../../lib/supervision/context.js'
import { FakeTime } from '../../support/fake-time.js'
import { mostWithin } from '../../support/most-within.js'

const defaults = {
  ...{ intensity: 5, period: 60_000, minBackoff: 100, maxBackoff: 30_000, minLife: 10_000 },
  startsPerSecond: 10
}

/** What becomes of one start. */
interface Life {
  /** There is a process; else the next attempt follows after a short wait. */
  readonly begins: boolean
  /** ms until it is ready, and until it crashes, which may be before. */
  readonly startup: number
  readonly lived: number
}

/** A set of so many replicas that live as told, one after another, as its breaker allows: the moments of all starts. */
function startsOf(lives: readonly Life[], settings: typeof defaults, replicas: number): number[] {
  const time = new FakeTime()
  const left = [...lives]
  const starts: number[] = []
  const running = new Set<object>()
  let cancels: (() => void)[] = []
  const schedule = (milliseconds: number, then: () => void): void => {
    cancels.push(time.schedule(milliseconds, then))
  }
  const start = (): void => {
    const life = left.shift()
    if (life === undefined) return
    if (!life.begins) {
      if (breaker.state === 'probing') breaker.probeNotStarted(100)
      else schedule(100, start)
      return
    }
    starts.push(time.now)
    running.add(life)
    if (life.lived > life.startup) schedule(life.startup, () => breaker.ready())
    schedule(life.lived, () => {
      running.delete(life)
      const wait = breaker.crashed(life.lived, running.size + 1)
      if (wait !== undefined) schedule(wait, start)
    })
  }
  const breaker: CircuitBreaker = new CircuitBreaker(settings, defaultBounds, time.clock, time.schedule, {
    down: () => {
      for (const cancel of cancels) cancel()
      cancels = []
      running.clear()
    },
    probe: start,
    up: () => {
      breaker.startsBeside(replicas - 1)
      for (let beside = 1; beside < replicas; beside++) start()
    }
  })
  for (let replica = 0; replica < replicas; replica++) start()
  while (left.length > 0) time.advance(time.nearest)
  return starts
}

describe('The limit on starts', () => {
  const whatever: Life = { begins: true, startup: 20, lived: 50 }

  it('lets a set that crashes again and again start 6 times in any 60 s, probes included', () => {
    for (const lived of [50, 9000, 10_050, 11_000]) {
      const starts = startsOf(Array<Life>(60).fill({ ...whatever, lived }), defaults, 1)
      expect(mostWithin(starts, 60_000)).to.be.at.most(6)
    }
  })

  it('holds when the probe lives until the set is up, and then crashes', () => {
    const crashes = Array<Life>(6).fill(whatever)
    const probe = { ...whatever, lived: defaultBounds.probeLife + 100 }
    const starts = startsOf([...crashes, probe, ...crashes, probe, ...crashes], defaults, 1)
    expect(mostWithin(starts, 60_000)).to.equal(6)
    expect((starts[6] as number) - (starts[1] as number)).to.be.closeTo(60_000, 1)
  })

  it('holds in any period, whatever becomes of starts and probes, for each replica', () => {
    const life = fc.record({
      begins: fc.nat(9).map((chance) => chance > 0),
      startup: fc.nat(300),
      lived: fc.oneof(fc.nat(400), fc.nat(15_000), fc.nat(150_000))
    })
    const limits = fc.record({
      intensity: fc.nat(6),
      period: fc.oneof(fc.integer({ min: 1, max: 90_000 }), fc.constant(600_000)),
      minBackoff: fc.nat(1000),
      minLife: fc.nat(15_000)
    })
    const histories = fc.array(life, { maxLength: 120 })
    fc.assert(
      fc.property(histories, limits, fc.integer({ min: 1, max: 3 }), (lives, given, replicas) => {
        const settings = { ...defaults, ...given }
        const most = (Math.max(1, settings.intensity) + 1) * replicas
        expect(mostWithin(startsOf(lives, settings, replicas), settings.period)).to.be.at.most(most)
      }),
      { numRuns: 4000 }
    )
  })
})
