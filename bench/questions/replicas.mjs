import { runLanes, warmUp } from '../harness/lanes.mjs'
import { factorial } from '../work/work.cjs'
import { openContestant } from './open.mjs'

const NUMBER = 5000

export const question = {
  name: 'replicas',
  title: 'Work for the processor, factorial(5000): what a second worker gains',
  cases: [{ name: '2 workers beside 1', inFlight: 4, leastCores: 2, onlyFull: true }],
  metrics: [
    { name: 'gain', unit: 'times', better: 'more' },
    { name: 'one', unit: 'calls/s', better: 'more' },
    { name: 'two', unit: 'calls/s', better: 'more' }
  ],
  contestants: ['spacepool', 'fork and send'],
  references: ['fork and send'],
  marks: [{ metric: 'gain', of: 'fork and send', atLeast: 0.93 }]
}

export async function prepare(details) {
  const { inFlight } = details.testCase
  const expected = factorial(NUMBER)
  const openWorkers = (workers) =>
    openContestant({ ...details, testCase: { ...details.testCase, workers } }, 'numbers')
  const [one, two] = [await openWorkers(1), await openWorkers(2)]
  const workOf = ({ call }) => ({
    inFlight,
    begin: () => call('factorial', [NUMBER]),
    isRight: (result) => result === expected
  })
  const { warm, window } = details.settings
  // Longer than others, because at its end one worker waits for the other.
  const count = await warmUp(workOf(two), { warm, window: window * 4 })
  await warmUp(workOf(one), { warm, window })
  const round = async () => {
    const times = { one: await runLanes(workOf(one), count), two: await runLanes(workOf(two), count) }
    return { gain: times.one / times.two, one: (count / times.one) * 1000, two: (count / times.two) * 1000 }
  }
  return { round, close: () => Promise.all([one.close(), two.close()]) }
}
