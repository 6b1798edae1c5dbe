import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The first start and the restarts that the defaults allow. */
const STARTS = 6
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

/** The first space stands already. */
function countStarts(scene) {
  const starts = { count: 1 }
  scene.pool.on('spaceExit', ({ key }) => {
    if (key === scene.set.key) starts.count++
  })
  return starts
}

async function whenDown(scene, starts) {
  // The last of them ended too, and nothing came after it.
  const count = starts.count - 1
  const outcomes = []
  for (let call = 0; call < 20; call++) outcomes.push(await scene.call('fine', [call]))
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
