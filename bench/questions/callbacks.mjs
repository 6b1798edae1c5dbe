import { WrongResult } from '../harness/lanes.mjs'
import { openContestant } from './open.mjs'

const LEAST = 10_000
const MOST = 100_000

export const question = {
  name: 'callbacks',
  title: 'A function in the other process calls back again and again',
  cases: [
    { name: '(n, 2 * n)', function: 'emitNumbers', inFlight: 64, onlyFull: true },
    { name: '(record)', function: 'emitRecords', inFlight: 64, onlyFull: true }
  ],
  metrics: [{ name: 'items', unit: 'k/s', better: 'more' }],
  contestants: ['spacepool', 'raw limit', 'fork and send', 'workerpool', 'workerpool, thread'],
  references: ['raw limit', 'fastest peer'],
  marks: [{ metric: 'items', of: 'raw limit', atLeast: 0.6 }]
}

export async function prepare(details) {
  const { emit, close } = await openContestant(details, 'items')
  const emission = { emit, name: details.testCase.function }
  const { warm, window } = details.settings
  let count = LEAST
  for (const end = performance.now() + warm; performance.now() < end;) {
    const perMillisecond = count / (await timeItems(emission, count))
    count = Math.round(Math.min(MOST, Math.max(LEAST, perMillisecond * window)))
  }
  const round = async () => {
    let items = 0
    let milliseconds = 0
    while (milliseconds < window * 0.8) {
      milliseconds += await timeItems(emission, count)
      items += count
    }
    return { items: items / milliseconds }
  }
  return { round, close }
}

/** The milliseconds until all items arrived, in order, and the function returned. */
async function timeItems({ emit, name }, count) {
  let next = 0
  let wrong = 0
  let arrived
  const all = new Promise((resolve) => (arrived = resolve))
  const take = (n, double) => {
    if (n !== next || double !== 2 * n) wrong++
    next++
    if (next === count) arrived()
  }
  const onItem = name === 'emitNumbers' ? take : (record) => take(record.n, record.price)
  const start = performance.now()
  const [result] = await Promise.all([emit(name, count, onItem), all])
  const milliseconds = performance.now() - start
  if (result !== count || wrong > 0) throw new WrongResult(`${wrong} of ${result} items came wrong`)
  return milliseconds
}
