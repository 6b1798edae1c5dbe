import { isDeepStrictEqual } from 'node:util'
import { peers } from '../contestants/index.mjs'
import { runLanes, warmUp } from '../harness/lanes.mjs'
import { openContestant } from './open.mjs'

export const question = {
  name: 'objects',
  title: 'An object of 0.5 kB there and back',
  cases: [{ name: '64 in flight', inFlight: 64, onlyFull: true }],
  metrics: [{ name: 'calls', unit: 'k/s', better: 'more' }],
  contestants: ['spacepool', 'fork and send', ...peers],
  references: ['fastest peer'],
  marks: [
    { metric: 'calls', of: 'fastest peer', atLeast: 2.5, before: 26 },
    { metric: 'calls', of: 'fastest peer', atLeast: 2, since: 26 }
  ]
}

export async function prepare(details) {
  const { call, close } = await openContestant(details, 'objects')
  const sent = Array.from({ length: details.testCase.inFlight }, (_, lane) => order(lane))
  const work = {
    inFlight: details.testCase.inFlight,
    begin: (n, lane) => {
      sent[lane].id = n
      return call('echo', [sent[lane]])
    },
    isRight: (result, n, lane) => result.id === n && result.items[1].sku === sent[lane].items[1].sku
  }
  const isRightThroughout = (result, n, lane) => isDeepStrictEqual(result, sent[lane])
  await runLanes({ ...work, isRight: isRightThroughout }, work.inFlight * 2)
  const count = await warmUp(work, details.settings)
  const round = async () => {
    const milliseconds = await runLanes(work, count)
    await runLanes({ ...work, isRight: isRightThroughout }, work.inFlight)
    return { calls: count / milliseconds }
  }
  return { round, close }
}

/** Half a kilobyte as JSON: what a server passes around. */
export const order = (seed) => ({
  id: 0,
  customer: {
    name: `Ada Example ${seed}`,
    email: `ada${seed}@example.org`,
    city: 'Oak Street 12, Example',
    vip: seed % 2 === 0,
    credit: seed * 1.25
  },
  items: [
    { sku: `A-${1000 + seed}`, title: 'A chair of oak', price: 129.5, count: 2, tags: ['wood', 'indoor'] },
    { sku: `B-${2000 + seed}`, title: 'A table of beech', price: 349, count: 1, tags: ['wood'] },
    {
      sku: `C-${3000 + seed}`,
      title: 'Linen cushion',
      price: 24.95,
      count: 4,
      tags: ['textile', 'indoor', 'sale']
    }
  ],
  total: 707.8,
  currency: 'EUR',
  placedAt: '2024-03-05T08:15:30.000Z',
  note: null
})
