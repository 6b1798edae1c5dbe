import { Socket } from 'node:net'
import { WrongResult, runLanes, warmUp } from '../harness/lanes.mjs'
import { median } from '../harness/statistics.mjs'
import { openLive } from './open-live.mjs'

/** Chains and plain calls take turns so often in one round. */
const TURNS = 5
/** Chains of which the writes are counted. */
const COUNTED = 100

export const question = {
  name: 'live',
  title: 'Live objects: f(n).g().h().i() beside a plain add(a, b)',
  cases: [
    { name: 'one at a time', inFlight: 1 },
    { name: '64 in flight', inFlight: 64 }
  ],
  metrics: [
    { name: 'chain', unit: 'us', better: 'less' },
    { name: 'call', unit: 'us', better: 'less' },
    { name: 'chain, writes', unit: 'times', better: 'less' }
  ],
  contestants: ['spacepool', 'capnweb', 'comlink'],
  references: [],
  marks: [
    { metric: 'chain', ofMetric: 'call', atMost: 1.5 },
    { metric: 'chain, writes', atMost: 1 }
  ]
}

export async function prepare(details) {
  const { add, chain, close } = await openLive(details)
  const { inFlight } = details.testCase
  const chains = { inFlight, begin: chain, isRight: (result, n) => result === n + 3 }
  const calls = { inFlight, begin: (n) => add(n, 1), isRight: (result, n) => result === n + 1 }
  const chainCount = Math.ceil((await warmUp(chains, details.settings)) / TURNS)
  const callCount = Math.ceil((await warmUp(calls, details.settings)) / TURNS)
  const round = async () => {
    const taken = { chain: [], call: [] }
    for (let turn = 0; turn < TURNS; turn++) {
      taken.chain.push(((await runLanes(chains, chainCount)) * 1000) / chainCount)
      taken.call.push(((await runLanes(calls, callCount)) * 1000) / callCount)
    }
    return {
      chain: median(taken.chain),
      call: median(taken.call),
      'chain, writes': await countWrites(chain)
    }
  }
  return { round, close }
}

/** How often this process writes to the other one for a chain: as often as a message goes there and one comes back. */
async function countWrites(chain) {
  const { write } = Socket.prototype
  let writes = 0
  Socket.prototype.write = function (...parameters) {
    writes++
    return Reflect.apply(write, this, parameters)
  }
  try {
    for (let n = 0; n < COUNTED; n++) if ((await chain(n)) !== n + 3) throw new WrongResult(`chain ${n}`)
  } finally {
    Socket.prototype.write = write
  }
  return writes / COUNTED
}
