import { expect } from 'chai'
import fc from 'fast-check'
import {
  afterCrash,
  afterFailedProbe,
  afterProbe,
  noCrashes,
  withStarts,
  type CrashHistory
} from '../../../lib/supervision/restart-policy.js'
import { mostWithin } from '../../support/most-within.js'

const settings = {
  ...{ intensity: 5, period: 60_000, minBackoff: 100, maxBackoff: 30_000, minLife: 10_000 },
  startsPerSecond: 10
}
const probes = { firstProbe: 30_000, lastProbe: 300_000 }
const most = (): number => 1
const least = (): number => 0

describe('The policy of restarts', () => {
  it('restarts at once what has lived long enough, and begins anew with the waits', () => {
    const history = { ...noCrashes, streak: 7 }
    const decision = afterCrash(history, 0, 10_000, 1, settings, probes)
    expect(decision).to.deep.include({ action: 'restart', delay: 0 })
    expect(decision.history.streak).to.equal(0)
  })

  it('waits twice as long each time, half of it left to chance, up to the longest wait', () => {
    const loose = { ...settings, intensity: Infinity }
    const waits = (random: () => number): number[] => {
      let history: CrashHistory = noCrashes
      return Array.from({ length: 11 }, () => {
        const decision = afterCrash(history, 0, 0, 1, loose, probes, random)
        history = decision.history
        return decision.action === 'restart' ? decision.delay : NaN
      })
    }
    const longest = [100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000]
    expect(waits(most)).to.deep.equal(longest)
    expect(waits(least)).to.deep.equal(longest.map((wait) => wait / 2))
  })

  it('takes a set down at the sixth crash within the period, and not at the sixth in a longer time', () => {
    const crashes = (every: number): string[] => {
      let history: CrashHistory = noCrashes
      return [0, 1, 2, 3, 4, 5, 6].map((index) => {
        const decision = afterCrash(history, index * every, 0, 1, settings, probes, least)
        history = decision.history
        return decision.action
      })
    }
    expect(crashes(1000).slice(0, 6)).to.deep.equal([...Array<string>(5).fill('restart'), 'down'])
    expect(crashes(13_000)).to.deep.equal(Array(7).fill('restart'))
  })

  it('takes a set down at the sixth crash in a row before it was ready, however long each took', () => {
    const crashes = (...lives: (number | undefined)[]): string[] => {
      let history: CrashHistory = noCrashes
      return lives.map((lived, index) => {
        const decision = afterCrash(history, index * 1e6, lived, 1, settings, probes, least)
        history = decision.history
        return decision.action
      })
    }
    const never = Array<undefined>(6).fill(undefined)
    expect(crashes(...never)).to.deep.equal([...Array<string>(5).fill('restart'), 'down'])
    expect(crashes(...never.slice(1), 0, ...never.slice(1))).to.deep.equal(Array(11).fill('restart'))
  })

  it('waits longer each time for what is never ready, however long it takes', () => {
    const loose = { ...settings, intensity: Infinity }
    let history: CrashHistory = noCrashes
    const waits = [0, 1, 2].map((index) => {
      const decision = afterCrash(history, index * 1e6, undefined, 1, loose, probes, most)
      history = decision.history
      return decision.action === 'restart' ? decision.delay : NaN
    })
    expect(waits).to.deep.equal([100, 200, 400])
  })

  it('counts for each running replica', () => {
    const starts = Array<number>(9).fill(0)
    expect(afterCrash({ ...noCrashes, starts }, 1, 0, 2, settings, probes).action).to.equal('restart')
    expect(afterCrash({ ...noCrashes, starts }, 1, 0, 1, settings, probes).action).to.equal('down')
    expect(afterCrash(noCrashes, 1, 0, 0, settings, probes).action).to.equal('restart')
  })

  it('never restarts with an intensity of 0, and always with Infinity', () => {
    expect(afterCrash(noCrashes, 0, 1e6, 1, { ...settings, intensity: 0 }, probes).action).to.equal('down')
    const starts = Array<number>(1000).fill(0)
    const always = { ...settings, intensity: Infinity }
    expect(afterCrash({ ...noCrashes, starts }, 1, 0, 1, always, probes).action).to.equal('restart')
  })

  it('doubles the wait for a probe with each that fails, up to the longest', () => {
    let decision = afterFailedProbe({ ...noCrashes, starts: [1, 2, 3] }, 50, settings, probes)
    expect(decision).to.include({ action: 'down', restarts: 3 })
    const waits: number[] = []
    for (let probe = 0; probe < 6 && decision.action === 'down'; probe++) {
      waits.push(decision.retryAfter)
      decision = afterFailedProbe(decision.history, 50, settings, probes)
    }
    expect(waits).to.deep.equal([30_000, 60_000, 120_000, 240_000, 300_000, 300_000])
  })

  it('probes later than that where the limit has no room before, and remembers what it counts', () => {
    const down = (starts: number[], intensity: number): unknown[] => {
      const history = { ...noCrashes, starts }
      const { action, ...told } = afterCrash(history, 50_000, 0, 1, { ...settings, intensity }, probes)
      return [action, 'retryAfter' in told && told.retryAfter, told.history.starts.length]
    }
    // The limit has room when the second of these is 60 s old, or the third.
    expect(down([45_000, 5000, 30_000], 2)).to.deep.equal(['down', 40_000, 3])
    expect(down([45_000, 5000, 30_000], 1)).to.deep.equal(['down', 55_000, 3])
    expect(down([45_000, 5000, 30_000], 3)).to.deep.equal(['down', 30_000, 3])
    // With no restarts there is one probe in a period all the same.
    expect(down([], 0)).to.deep.equal(['down', 30_000, 0])
    expect(down([49_000], 0)).to.deep.equal(['down', 59_000, 1])
  })

  it('has no more starts in any period than its intensity, whatever the crashes', () => {
    const life = fc.option(fc.nat(20_000), { nil: undefined })
    const crashes = fc.array(fc.record({ pause: fc.nat(20_000), lived: life }), { maxLength: 80 })
    const limits = fc.record({
      intensity: fc.nat(8),
      period: fc.integer({ min: 1, max: 60_000 }),
      minBackoff: fc.nat(1000),
      growth: fc.nat(30_000),
      minLife: fc.nat(15_000)
    })
    const chances = fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true }))
    fc.assert(
      fc.property(crashes, limits, chances, (storm, { growth, ...given }, random) => {
        const limited = { ...settings, ...given, maxBackoff: given.minBackoff + growth }
        const starts: number[] = []
        let history: CrashHistory = noCrashes
        let at = 0
        for (const { pause, lived } of storm) {
          at += pause + (lived ?? 0)
          const next = (): number => Number(random.next().value)
          const decision = afterCrash(history, at, lived, 1, limited, probes, next)
          history = decision.history
          if (decision.action === 'down') {
            at += decision.retryAfter
            history = afterProbe(withStarts(history, at, 1, limited))
          } else {
            expect(decision.delay).to.be.within(0, limited.maxBackoff)
            at += decision.delay
          }
          starts.push(at)
        }
        expect(mostWithin(starts, limited.period)).to.be.at.most(Math.max(1, limited.intensity))
      }),
      { numRuns: 3000 }
    )
  })

  it('has no more starts in any period than its intensity for each of several replicas, however they overlap', () => {
    const crashes = fc.array(fc.record({ pause: fc.nat(3000), lived: fc.nat(20_000) }), { maxLength: 150 })
    const chances = fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true }))
    const replicas = fc.integer({ min: 1, max: 6 })
    fc.assert(
      fc.property(crashes, replicas, fc.nat(4), chances, (storm, count, intensity, random) => {
        const limited = { ...settings, intensity, maxBackoff: 100_000 }
        let starts: number[] = []
        let history: CrashHistory = noCrashes
        let at = 0
        for (const { pause, lived } of storm) {
          // Others crash while the waits of the first ones go on.
          at += pause
          const next = (): number => Number(random.next().value)
          const decision = afterCrash(history, at, lived, count, limited, probes, next)
          history = decision.history
          if (decision.action === 'restart') {
            starts.push(at + decision.delay)
            continue
          }
          // What was still to come does not.
          const now = at
          starts = starts.filter((start) => start <= now)
          at += decision.retryAfter
          history = afterProbe(withStarts(history, at, count, limited))
          starts.push(...Array<number>(count).fill(at))
        }
        expect(mostWithin(starts, limited.period)).to.be.at.most(Math.max(1, intensity) * count)
      }),
      { numRuns: 2000 }
    )
  })
})
