import { slack } from '../slack.mjs'
import { oneCall } from './shapes.mjs'

const TIMEOUT = 500
const timedOut = { code: 'CALL_TIMEOUT', phase: 'written' }
/** A timed-out call is rejected at its deadline, or up to 50 ms later; here some are for the measuring. */
const inTime = { timeout: TIMEOUT, gets: timedOut, within: [TIMEOUT, TIMEOUT + 60] }
/** The heartbeat tells before the call times out, though it looks for the stack first, for up to a second. */
const unseen = { timeout: 3 * TIMEOUT, gets: timedOut, within: [3 * TIMEOUT, 3 * TIMEOUT + 60], run: silent }

/** What blocks a space, what is told of it, and to those beside it. */
export const hangs = [
  { name: 'for (;;), with a timeout', call: ['spin'], peers: true, ...inTime, run: diagnosed },
  { name: 'endless microtasks, with a timeout', call: ['spinInMicrotasks'], ...inTime, run: diagnosed },
  { name: 'Atomics.wait, with a timeout', call: ['waitForever'], ...inTime, run: diagnosed },
  oneCall({ name: 'SIGSTOP, with a timeout', call: ['stop'], ...inTime }),
  { name: 'a slow call that times out, the loop is free', ...inTime, run: slowCall },
  { name: 'for (;;), with a signal', run: abortedCall, gets: { message: 'enough' }, within: [200, 400] },
  {
    name: 'for (;;) beside another call',
    run: besideHang,
    gets: { code: 'SPACE_CRASHED', cause: ['neighbour-timeout', 'interrupted'] },
    within: [0, 1500]
  },
  { name: 'for (;;) while another space serves', alone: true, run: neighbourLatency, ...inTime },
  { name: 'for (;;) from a timer, seen by the heartbeat', stops: ['later', 5, 'spin'], ...unseen },
  { name: 'SIGSTOP, seen by the heartbeat', stops: ['later', 5, 'stop'], ...unseen },
  {
    name: 'for (;;) while it loads',
    long: true,
    run: spinAtLoad,
    gets: { code: 'PACKAGE_LOAD_FAILED' },
    within: [30_000, 31_000]
  }
]

/** The code that blocks is named in the error or, when it was found too late for that, in the event. */
async function diagnosed(scene, { call: [name], timeout }) {
  await scene.open()
  const event = scene.event('spaceUnresponsive')
  const outcome = await scene.call(name, [], { timeout })
  const stack = outcome.remoteStack ?? (await event).remoteStack ?? ''
  scene.check(stack.includes(`exports.${name}`), 'nobody tells what blocked the space')
  return outcome
}

/** The space lives on, with what its package keeps in memory. */
async function slowCall(scene, { timeout }) {
  await scene.open()
  const before = await scene.call('pid')
  const outcome = await scene.call('never', [], { timeout })
  const after = await scene.call('pid')
  scene.check(before.value === after.value, 'the space was ended, though its loop was free')
  return outcome
}

async function abortedCall(scene) {
  await scene.open()
  const controller = new AbortController()
  const call = scene.call('spin', [], { signal: controller.signal })
  setTimeout(() => controller.abort(new Error('enough')), 200)
  return call
}

async function besideHang(scene) {
  await scene.open()
  const beside = scene.call('never')
  const hung = scene.call('spin', [], { timeout: 200 })
  const outcome = await beside
  scene.check((await hung).code === 'CALL_TIMEOUT', 'the hung call did not time out')
  return outcome
}

/** ms by which the p99 of the other space may move. */
const MOVES = 5

async function neighbourLatency(scene, { timeout }) {
  await scene.open()
  await pause(timeout)
  const before = scene.latencies.splice(0)
  const outcome = await scene.call('spin', [], { timeout })
  const moved = high(scene.latencies) - high(before)
  scene.check(moved <= MOVES * slack, `the neighbour's p99 moved by ${moved.toFixed(1)} ms`)
  return outcome
}

/** Three beats are missed; what then happens to the call is for its timeout to decide. */
async function silent(scene, { stops: [name, ...parameters], timeout }) {
  await scene.open({ options: { heartbeat: { interval: 50, missed: 3 } } })
  const begun = performance.now()
  const noticed = scene.event('spaceUnresponsive').then(() => performance.now() - begun)
  const call = scene.call('never', [], { timeout })
  await scene.call(name, parameters)
  const after = await noticed
  scene.check(after < timeout, `the silence was noticed after ${Math.round(after)} ms`)
  return call
}

async function spinAtLoad(scene) {
  await scene.open({ module: null })
  const outcome = await scene.track(scene.add('spins-at-load'), 40_000)
  scene.set = await scene.add('faulty')
  return outcome
}

/** The 99th percentile. */
function high(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.99)] ?? 0
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
