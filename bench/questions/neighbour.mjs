import { WrongResult } from '../harness/lanes.mjs'
import { quantile } from '../harness/statistics.mjs'
import { openContestant } from './open.mjs'

const SIZE = 64 * 1024 * 1024

export const question = {
  name: 'neighbour',
  title: 'Small calls, one at a time, while a Buffer of 64 MiB is on its way',
  cases: [
    { name: 'there', function: 'size', inFlight: 64, onlyFull: true },
    { name: 'there and back', function: 'echo', inFlight: 64, onlyFull: true }
  ],
  metrics: [
    { name: 'p99', unit: 'ms', better: 'less' },
    { name: 'longest', unit: 'ms', better: 'less' }
  ],
  contestants: ['spacepool', 'fork and send', 'poolifier', 'worker-farm'],
  references: ['fork and send'],
  marks: [{ metric: 'p99', atMost: 5 }]
}

export async function prepare(details) {
  const { call, close } = await openContestant(details, 'buffers')
  const bytes = Buffer.alloc(SIZE, 'spacepool')
  const crossing = { call, bytes, name: details.testCase.function }
  await timeSmallCalls(crossing)
  const round = async () => {
    const times = []
    for (let n = 0; n < 3; n++) times.push(...(await timeSmallCalls(crossing)))
    times.sort((a, b) => a - b)
    return { p99: quantile(times, 0.99), longest: times.at(-1) }
  }
  return { round, close }
}

/** The milliseconds of each small call that was made while the large one was pending. */
async function timeSmallCalls({ call, bytes, name }) {
  const times = []
  let large
  call(name, [bytes]).then((result) => (large = result))
  while (large === undefined) {
    const start = performance.now()
    const sum = await call('add', [times.length, 1])
    const wrong = sum !== times.length + 1
    times.push(performance.now() - start)
    if (wrong) throw new WrongResult(`add answered ${sum}`)
  }
  const right = name === 'size' ? large === bytes.length : bytes.equals(large)
  if (!right) throw new WrongResult('the large buffer came back wrong')
  return times
}
