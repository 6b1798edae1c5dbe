import { peers } from '../contestants/index.mjs'
import { runLanes, warmUp } from '../harness/lanes.mjs'
import { openContestant } from './open.mjs'

export const question = {
  name: 'calls',
  title: 'Small calls, add(a, b), many in flight',
  cases: [
    { name: '64 in flight', inFlight: 64 },
    { name: '1024 in flight', inFlight: 1024, with: ['spacepool, default concurrency'] }
  ],
  metrics: [{ name: 'calls', unit: 'k/s', better: 'more' }],
  contestants: ['spacepool', 'raw limit', 'fork and send', ...peers],
  references: ['raw limit', 'fastest peer'],
  marks: [
    { testCase: '64 in flight', metric: 'calls', of: 'fastest peer', atLeast: 3 },
    { testCase: '1024 in flight', metric: 'calls', of: 'fastest peer', atLeast: 5 }
  ]
}

export async function prepare(details) {
  const { call, close } = await openContestant(details, 'numbers')
  const work = {
    inFlight: details.testCase.inFlight,
    begin: (n) => call('add', [n, 1]),
    isRight: (result, n) => result === n + 1
  }
  const count = await warmUp(work, details.settings)
  const round = async () => ({ calls: count / (await runLanes(work, count)) })
  return { round, close }
}
