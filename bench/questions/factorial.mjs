import { peers } from '../contestants/index.mjs'
import { runLanes, warmUp } from '../harness/lanes.mjs'
import { factorial } from '../work/work.cjs'
import { openContestant } from './open.mjs'

export const question = {
  name: 'factorial',
  title: "factorial(1000), the peers' own benchmark",
  cases: [{ name: '2 workers, 64 in flight', workers: 2, inFlight: 64, onlyFull: true }],
  metrics: [{ name: 'calls', unit: 'k/s', better: 'more' }],
  contestants: ['spacepool', ...peers],
  references: ['fastest peer', 'fastest process peer'],
  marks: [
    { metric: 'calls', of: 'fastest peer', atLeast: 0.95 },
    { metric: 'calls', of: 'fastest process peer', atLeast: 1 }
  ]
}

export async function prepare(details) {
  const { call, close } = await openContestant(details, 'numbers')
  const expected = factorial(1000)
  const work = {
    inFlight: details.testCase.inFlight,
    begin: () => call('factorial', [1000]),
    isRight: (result) => result === expected
  }
  const { warm, window } = details.settings
  // The peers time 100 000 calls. The rate is the same, and eleven contestants have to share ten minutes.
  const count = await warmUp(work, { warm, window: window * 3 })
  return { round: async () => ({ calls: count / (await runLanes(work, count)) }), close }
}
