import { WrongResult } from '../harness/lanes.mjs'
import { openContestant } from './open.mjs'

export const question = {
  name: 'callbacks',
  title: 'A function in the other process calls back with two numbers, again and again',
  cases: [{ name: '100 000 items', count: 100_000, inFlight: 64, onlyFull: true }],
  metrics: [{ name: 'items', unit: 'k/s', better: 'more' }],
  contestants: ['spacepool', 'raw limit', 'fork and send', 'workerpool', 'workerpool, thread'],
  references: ['raw limit', 'fastest peer'],
  marks: []
}

export async function prepare(details) {
  const { emit, close } = await openContestant(details, 'items')
  const { count } = details.testCase
  await timeItems(emit, count)
  await timeItems(emit, count)
  const round = async () => {
    let items = 0
    let milliseconds = 0
    while (milliseconds < details.settings.window) {
      milliseconds += await timeItems(emit, count)
      items += count
    }
    return { items: items / milliseconds }
  }
  return { round, close }
}

/** The milliseconds until all items arrived, in order, and the function returned. */
async function timeItems(emit, count) {
  let next = 0
  let arrived
  const all = new Promise((resolve) => (arrived = resolve))
  const start = performance.now()
  const returned = emit(count, (n, double) => {
    if (n !== next || double !== 2 * n) throw new WrongResult(`item ${next} came as ${n}, ${double}`)
    next++
    if (next === count) arrived()
  })
  const [result] = await Promise.all([returned, all])
  if (result !== count) throw new WrongResult(`emit answered ${result}`)
  return performance.now() - start
}
