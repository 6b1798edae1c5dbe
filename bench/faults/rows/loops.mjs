import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The first start and the restarts that the defaults allow. */
const STARTS = 6
/** ms in which there are no more of them, probes included. */
const PERIOD = 60_000
/** ms by which events come later than what they tell; a probe that does not wait for the period would be 30 s too early. */
const TOLD_LATE = 1000
/** ms in which a call of a set that is down fails. */
const AT_ONCE = 5

const short = { restart: { minBackoff: 10, maxBackoff: 50 } }
const gets = { code: 'SET_DOWN' }

/** Sets that crash again and again. */
export const loops = [
  {
    name: 'a crash loop of calls',
    options: short,
    run: crashingCalls,
    gets,
    within: [0, AT_ONCE],
    next: false
  },
  {
    name: 'a crash loop of loads',
    options: short,
    run: crashingLoads,
    gets,
    within: [0, AT_ONCE],
    next: false
  },
  {
    name: 'a crash with calls in the queue',
    options: { concurrency: 1 },
    run: crashBeforeQueue,
    gets: { answers: 'moved' }
  },
  {
    name: 'a crash with idempotent calls in flight',
    run: crashAmongIdempotent,
    gets: { answers: 'again' }
  },
  { name: 'evicted and rebuilt ten times', run: rebuilt, gets: { answers: 'here' } },
  {
    name: 'a set that is down, its probe, and up again',
    long: true,
    options: { restart: { intensity: 0 } },
    run: probed,
    gets: { answers: 'probe' }
  },
  {
    name: 'a crash loop of calls, with the default waits',
    long: true,
    run: crashingCalls,
    gets,
    within: [0, AT_ONCE],
    next: false
  }
]

async function crashingCalls(scene, { options }) {
  await scene.open({ options })
  const starts = countStarts(scene)
  let outcome
  do outcome = await scene.call('exit', [1])
  while (outcome.code === 'SPACE_CRASHED')
  return whenDown(scene, starts)
}

async function crashingLoads(scene, { options }) {
  const folder = mkdtempSync(join(tmpdir(), 'spacepool-faults-'))
  try {
    await scene.open({ module: null, pool: { env: { FAULTS_FLAG: join(folder, 'flag') } } })
    scene.set = await scene.add('aborts-when-told', options)
    const starts = countStarts(scene)
    const down = scene.event('setDown')
    await scene.call('abortFromNowOn')
    const waiting = scene.call('fine', [1])
    await down
    scene.check((await waiting).code === 'SET_DOWN', 'a call that waited did not hear that the set is down')
    return await whenDown(scene, starts)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** What never left the host is not lost. */
async function crashBeforeQueue(scene, { options }) {
  await scene.open({ options })
  const crash = scene.call('exit', [1])
  const queued = await Promise.all(Array.from({ length: 20 }, (_, index) => scene.call('fine', [index])))
  scene.check((await crash).code === 'SPACE_CRASHED', 'the space did not crash')
  scene.check(
    queued.every(({ value }, index) => value === index),
    'a call that waited was lost'
  )
  return scene.call('fine', ['moved'])
}

/** One call in ten may run again. */
async function crashAmongIdempotent(scene) {
  await scene.open({ neighbour: false })
  const twice = () => scene.call('wait', [500, 'again'], { idempotent: true })
  const calls = Array.from({ length: 28 }, twice)
  await scene.call('exit', [1])
  const outcomes = await Promise.all(calls)
  const again = outcomes.filter(({ value }) => value === 'again')
  const crashed = outcomes.filter(({ code, phase }) => code === 'SPACE_CRASHED' && phase === 'written')
  scene.check(again.length === 2, `${again.length} of 29 calls ran again`)
  scene.check(again.length + crashed.length === 28, 'a call got something else')
  return again[0]
}

async function rebuilt(scene) {
  await scene.open()
  for (let cycle = 0; cycle < 10; cycle++) {
    await scene.call('keep', [() => cycle])
    await scene.set.evict()
  }
  const { evictions, restarts, generation } = scene.set.stats()
  scene.check(evictions === 10 && restarts === 0 && generation === 10, 'it was not ended ten times')
  return scene.call('fine', ['here'])
}

/** ms until a set that is down is probed, and that the probe must live then. */
const PROBE = 30_000
const PROBE_LIFE = 10_000

async function probed(scene, { options }) {
  await scene.open({ options })
  const mine = ({ key }) => key === scene.set.key
  const within = PROBE + PROBE_LIFE + 5000
  await scene.call('exit', [1])
  const ready = scene.event('spaceReady', mine, within)
  const up = scene.event('setUp', mine, within)
  await ready
  const [one, other] = [scene.call('wait', [50, 'probe']), scene.call('fine', [1])]
  scene.check((await other).code === 'SET_DOWN', 'the probe took two calls at a time')
  await up
  const both = await Promise.all([scene.call('wait', [20, 1]), scene.call('wait', [20, 2])])
  scene.check(
    both.every(({ kind }) => kind === 'answer'),
    'a set that is up refused a call'
  )
  return one
}

/** The first space stands already. */
function countStarts(scene) {
  const starts = { count: 1, restarted: undefined, next: undefined }
  scene.pool.on('spaceExit', ({ key }) => {
    if (key === scene.set.key) starts.count++
  })
  scene.pool.on('spaceRestart', ({ backoff }) => (starts.restarted ??= performance.now() + backoff))
  scene.pool.on('setDown', ({ retryAfter }) => (starts.next = performance.now() + retryAfter))
  return starts
}

async function whenDown(scene, starts) {
  // The last of them ended too, and nothing came after it.
  const count = starts.count - 1
  const outcomes = []
  for (let call = 0; call < 20; call++) outcomes.push(await scene.call('fine', [call]))
  // Of the first restart, all that followed, and the probe, one must be in another period.
  scene.check(starts.next >= starts.restarted + PERIOD - TOLD_LATE, 'the probe will be one start too many')
  // A busy machine keeps one of them, not most.
  const [typical] = outcomes.toSorted((a, b) => a.ms - b.ms).slice(outcomes.length / 2)
  scene.check(count <= STARTS, `it was started ${count} times`)
  scene.check(starts.count - 1 === count, 'a call of a set that is down started a space')
  scene.check(
    outcomes.every(({ code }) => code === 'SET_DOWN'),
    'a set that is down took a call'
  )
  scene.check(scene.set.stats().down, 'the set does not say that it is down')
  return typical
}
