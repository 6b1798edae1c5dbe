import { besideOthers, slack } from '../slack.mjs'
import { oneCall } from './shapes.mjs'

const TIMEOUT = 500
const timedOut = { code: 'CALL_TIMEOUT', phase: 'written' }
/** A timed-out call is rejected at its deadline, or up to 50 ms later; here some are for the measuring. */
const inTime = { timeout: TIMEOUT, gets: timedOut, within: [TIMEOUT, TIMEOUT + 60] }
/** The heartbeat tells long before the call times out. */
const unseen = { timeout: 2 * TIMEOUT, gets: timedOut, within: [2 * TIMEOUT, 2 * TIMEOUT + 60], run: silent }

/** What blocks a space, what is told of it, and to those beside it. */
export const hangs = [
  { name: 'for (;;), with a timeout', call: ['spin'], peers: true, ...inTime, run: diagnosed },
  {
    name: 'endless microtasks, with a timeout',
    call: ['spinInMicrotasks'],
    peers: true,
    ...inTime,
    run: diagnosed
  },
  { name: 'Atomics.wait, with a timeout', call: ['waitForever'], peers: true, ...inTime, run: diagnosed },
  oneCall({ name: 'SIGSTOP, with a timeout', call: ['stop'], peers: 'processes', ...inTime }),
  { name: 'a slow call that times out, the loop is free', ...inTime, run: slowCall },
  { name: 'for (;;), with a signal', run: abortedCall, gets: { message: 'enough' }, within: [200, 400] },
  {
    name: 'for (;;) beside another call',
    run: besideHang,
    steps: ['abort', 'terminate'],
    gets: { code: 'SPACE_CRASHED', cause: 'neighbour-timeout', signal: 'SIGTERM' },
    within: [0, 1500]
  },
  {
    name: 'for (;;) that ignores signals beside another call',
    first: 'ignoreSignals',
    run: besideHang,
    steps: ['abort', 'terminate', 'kill'],
    gets: { code: 'SPACE_CRASHED', cause: 'neighbour-timeout', signal: 'SIGKILL' },
    within: [0, 1500]
  },
  { name: 'for (;;) from a timer, with a timeout', run: hangFromTimer, ...inTime },
  {
    name: 'for (;;), and the space is evicted meanwhile',
    run: evictedHang,
    gets: { code: 'SPACE_STOPPED' },
    within: [0, 1500]
  },
  { name: 'for (;;) while another space serves', alone: true, run: neighbourLatency, ...inTime },
  {
    name: 'for (;;) from a timer, seen by the heartbeat',
    stops: ['later', 5, 'spin'],
    stack: line('spin'),
    ...unseen
  },
  { name: 'SIGSTOP, seen by the heartbeat', stops: ['later', 5, 'stop'], stack: /^null$/, ...unseen },
  {
    name: 'for (;;) while it loads',
    long: true,
    run: spinAtLoad,
    gets: { code: 'PACKAGE_LOAD_FAILED' },
    within: [30_000, 31_000]
  }
]

/** A line of a stack that says where this function is. */
function line(name) {
  return new RegExp(`exports\\.${name} \\(.*faulty\\.cjs:\\d+:\\d+\\)`)
}

/** From here on a machine is too busy for a look within 40 ms. */
const BUSY = 2

/**
 * The line that blocks is named in the error and in the event; beside other tests the error may come before it is
 * found. Nothing else is lost, so the space lives on.
 */
async function diagnosed(scene, { call: [name], timeout }) {
  await scene.open()
  const steps = scene.steps()
  const before = await scene.call('pid')
  const event = scene.event('spaceUnresponsive')
  const outcome = await scene.call(name, [], { timeout })
  const { remoteStack } = await event
  scene.check(line(name).test(remoteStack), 'the event does not tell what blocked the space')
  const isNamed = line(name).test(outcome.remoteStack)
  const mayBeLate = (besideOthers || slack >= BUSY) && outcome.remoteStack === undefined
  scene.check(isNamed || mayBeLate, 'the error does not tell what blocked the space')
  const after = await scene.call('pid')
  scene.check(before.value === after.value, 'the space was ended, though nothing else would have been lost')
  scene.check(steps.join() === 'abort,interrupt', `the steps were ${steps}`)
  return outcome
}

/** Node does not survive an interrupt there. */
async function hangFromTimer(scene, { timeout }) {
  await scene.open()
  const steps = scene.steps()
  const ended = scene.event('spaceExit', ({ key }) => key === scene.set.key)
  await scene.call('later', [5, 'spin'])
  const outcome = await scene.call('never', [], { timeout })
  const { cause, signal } = await ended
  scene.check(cause === 'blocked' && signal === 'SIGTERM', `the space ended by ${cause}, ${signal}`)
  scene.check(steps.join() === 'abort,terminate', `the steps were ${steps}`)
  return outcome
}

/** What was asked to end has not crashed, though it is ended for being blocked. */
async function evictedHang(scene) {
  await scene.open()
  const ended = scene.event('spaceExit', ({ key }) => key === scene.set.key)
  const beside = scene.call('never')
  const hung = await scene.call('spin', [], { timeout: 50 })
  await scene.set.evict()
  const { reason, cause } = await ended
  scene.check(hung.code === 'CALL_TIMEOUT', 'the hung call did not time out')
  scene.check(reason === 'evict' && cause === null, `the space ended for ${reason}, ${cause}`)
  return beside
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

async function besideHang(scene, { first = 'pid', steps: wanted }) {
  await scene.open()
  await scene.call(first)
  const steps = scene.steps()
  const beside = scene.call('never')
  const hung = scene.call('spin', [], { timeout: 200 })
  const outcome = await beside
  scene.check((await hung).code === 'CALL_TIMEOUT', 'the hung call did not time out')
  scene.check(steps.join() === wanted.join(), `the steps were ${steps}`)
  return outcome
}

/**
 * ms by which the p99 of the other space may move, where it can be measured: beside other tests a few calls in a hundred
 * wait for the machine.
 */
const MOVES = 5
/** Calls that the other space answers one after the other while the first hangs; if it waited, that would be one. */
const SERVED = 5

async function neighbourLatency(scene, { timeout }) {
  await scene.open()
  await pause(timeout)
  const before = scene.latencies.splice(0)
  const outcome = await scene.call('spin', [], { timeout })
  const during = scene.latencies.splice(0)
  scene.check(during.length >= SERVED, `the neighbour answered ${during.length} calls meanwhile`)
  const moved = high(during) - high(before)
  scene.check(besideOthers || moved <= MOVES * slack, `the neighbour's p99 moved by ${moved.toFixed(1)} ms`)
  return outcome
}

/** ms between two beats, how many are missed, and by when it is noticed then, the look into the space included. */
const BEAT = 50
const MISSED = 3
const NOTICED = BEAT * (MISSED + 2) + 150

/** What then happens to the call is for its timeout to decide. */
async function silent(scene, { stops: [name, ...parameters], stack, timeout }) {
  await scene.open({ options: { heartbeat: { interval: BEAT, missed: MISSED } } })
  const begun = performance.now()
  const noticed = scene.event('spaceUnresponsive').then((event) => ({
    ...event,
    after: performance.now() - begun
  }))
  const call = scene.call('never', [], { timeout })
  await scene.call(name, parameters)
  const { step, remoteStack, after } = await noticed
  scene.check(after < NOTICED * slack, `the silence was noticed after ${Math.round(after)} ms`)
  scene.check(step === 'noticed' && stack.test(remoteStack), `the event tells ${step}, ${remoteStack}`)
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
