import { peers } from '../contestants/index.mjs'
import { runLanes, warmUp } from '../harness/lanes.mjs'
import { openAdditions } from './open.mjs'

export const question = {
  name: 'calls',
  title: 'Small calls, add(a, b), many in flight',
  cases: [
    { name: '64 in flight', inFlight: 64 },
    { name: '1024 in flight', inFlight: 1024, with: ['spacepool, default concurrency'] }
  ],
  metrics: [{ name: 'calls', unit: 'k/s', better: 'more' }],
  contestants: ['spacepool', 'spacepool, callTimeout', 'raw limit', 'fork and send', ...peers],
  references: ['raw limit', 'fastest peer'],
  marks: [
    { metric: 'calls', of: 'raw limit', atLeast: 0.7 },
    { cases: ['64 in flight'], metric: 'calls', of: 'fastest peer', atLeast: 4 },
    { cases: ['1024 in flight'], metric: 'calls', of: 'fastest peer', atLeast: 7 },
    { own: 'spacepool, callTimeout', metric: 'calls', of: 'spacepool', atLeast: 0.92 }
  ]
}

export async function prepare(details) {
  const { work, close } = await openAdditions(details)
  const count = await warmUp(work, details.settings)
  const round = async () => ({ calls: count / (await runLanes(work, count)) })
  return { round, close }
}
