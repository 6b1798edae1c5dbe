import { closeSync, mkdtempSync, openSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const notStarted = { code: 'SPACE_START_FAILED' }
const root = process.getuid?.() === 0

/** ms until a call times out, whatever the wall clock says. */
const CLOCK_TIMEOUT = 200

/** ms of failing starts until a call that waits for one is rejected, and between two of them at most. */
const OUTAGE_AFTER = 2000
const LONGEST_WAIT = 3000

/** What the host's own system refuses. */
export const limits = [
  { name: 'a program that is not there', pool: { execPath: '/nowhere/node' }, run: neverStarts, next: false },
  { name: 'a program that is none', pool: { execPath: '/etc/passwd' }, run: neverStarts, next: false },
  { name: 'a folder that is not there', pool: { cwd: '/nowhere' }, run: neverStarts, next: false },
  { name: 'a user who may not be', pool: { uid: 0 }, before: becomeNobody, run: neverStarts, next: false },
  {
    name: 'no descriptors are left (EMFILE)',
    limits: { descriptors: 256 },
    run: withoutDescriptors
  },
  {
    name: 'no descriptors are left at a rebuild (EMFILE), for a moment',
    limits: { descriptors: 256 },
    run: rebuiltWithoutDescriptors,
    gets: { answers: 'waited' }
  },
  {
    name: 'the program is gone at a rebuild, for seconds',
    run: rebuiltWithoutProgram,
    within: [OUTAGE_AFTER, OUTAGE_AFTER + LONGEST_WAIT + 500]
  },
  {
    name: 'no processes are left (EAGAIN)',
    skip: root ? undefined : 'only root can show it',
    limits: { processes: 1 },
    run: withoutProcesses
  },
  {
    name: 'a wall clock that jumps by two hours, and back',
    options: { inactivityTimeout: 1000, heartbeat: { interval: 50, missed: 10 } },
    run: jumpingClock,
    gets: { code: 'CALL_TIMEOUT' },
    within: [CLOCK_TIMEOUT, CLOCK_TIMEOUT + 60]
  },
  {
    name: 'a full queue',
    options: { maxQueue: 10, concurrency: 1 },
    run: fullQueue,
    gets: { code: 'QUEUE_FULL' },
    within: [0, 50]
  },
  {
    name: 'a full queue of large calls to a space that spins',
    long: true,
    options: { maxQueue: 4000 },
    run: fullOfBytes,
    gets: { code: 'QUEUE_FULL' },
    within: [0, 5000],
    // The calls are made in one go.
    stall: 5000,
    growth: 300
  }
].map((row) => ({ gets: notStarted, ...row }))

const ATTEMPTS = 20
/** Attempts come as fast as they may. */
const quick = { restart: { startsPerSecond: Infinity } }

/** As often as one likes: every attempt fails alike, and leaves nothing behind. */
async function neverStarts(scene, { pool, before }) {
  before?.()
  await scene.open({ module: null, neighbour: false, pool: { ...quick, ...pool } })
  let outcome
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    outcome = await scene.track(scene.add('faulty'))
    scene.check(outcome.code === 'SPACE_START_FAILED', `attempt ${attempt} got ${outcome.code}`)
  }
  scene.check(scene.pool.stats().sets.length === 0, 'a set is left that was never added')
  return outcome
}

/** Nobody may start processes as root. */
function becomeNobody() {
  if (!root) return
  process.setgid(65534)
  process.setuid(65534)
}

async function withoutDescriptors(scene) {
  await scene.open({ pool: quick })
  const taken = takeAllDescriptors()
  const outcomes = []
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    outcomes.push(await scene.track(scene.add('throws-at-load')))
  }
  for (const outcome of outcomes) {
    scene.check(outcome.code === 'SPACE_START_FAILED', `an attempt got ${outcome.code}`)
  }
  taken.forEach((descriptor) => closeSync(descriptor))
  return outcomes.at(-1)
}

function takeAllDescriptors() {
  const taken = []
  try {
    for (;;) taken.push(openSync('/dev/null'))
  } catch (error) {
    if (error.code !== 'EMFILE') throw error
  }
  return taken
}

async function rebuiltWithoutDescriptors(scene) {
  await scene.open()
  const taken = takeAllDescriptors()
  await scene.call('exit', [1])
  // Those of the space that ended are free again.
  taken.push(...takeAllDescriptors())
  const waiting = scene.call('fine', ['waited'])
  await failedStarts(scene, 2, 'EMFILE')
  taken.forEach((descriptor) => closeSync(descriptor))
  return waiting
}

async function rebuiltWithoutProgram(scene) {
  const folder = mkdtempSync(join(tmpdir(), 'spacepool-faults-'))
  const execPath = join(folder, 'node')
  try {
    symlinkSync(process.execPath, execPath)
    await scene.open({ pool: { execPath } })
    rmSync(execPath)
    await scene.call('exit', [1])
    const waiting = scene.call('fine', ['waited'])
    await failedStarts(scene, 5, 'ENOENT')
    const outcome = await waiting
    symlinkSync(process.execPath, execPath)
    const { value } = await scene.call('fine', ['back'])
    scene.check(value === 'back', 'the set was not served again when starts worked')
    return outcome
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** So many in a row, each told with the reason; none of them is a crash. */
async function failedStarts(scene, count, code) {
  const reasons = []
  const mine = ({ key, cause, error }) => {
    if (key === scene.set.key && cause === 'start') reasons.push(error?.code)
    return reasons.length === count
  }
  await scene.event('spaceExit', mine)
  scene.check(
    reasons.every((reason) => reason === code),
    `the reasons were ${reasons}`
  )
  scene.check(!scene.set.stats().down, 'the set is down')
}

async function withoutProcesses(scene) {
  await scene.open({ pool: quick })
  becomeNobody()
  let outcome
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    outcome = await scene.track(scene.add('throws-at-load'))
    scene.check(
      outcome.code === 'SPACE_START_FAILED',
      `attempt ${attempt} got ${outcome.code}, ${outcome.message}`
    )
  }
  return outcome
}

/** That of the host, and that of the space. */
async function jumpingClock(scene, { options }) {
  await scene.open({ options })
  const noticed = []
  for (const name of ['spaceUnresponsive', 'spaceEvict', 'spaceExit', 'error']) {
    scene.pool.on(name, () => noticed.push(name))
  }
  const honest = Date.now
  const slow = scene.call('wait', [300, 'patient'], { timeout: 2000 })
  const hung = scene.call('never', [], { timeout: CLOCK_TIMEOUT })
  for (const hours of [2, -4]) {
    Date.now = () => honest() + hours * 3_600_000
    await scene.call('jumpClock', [hours])
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const outcome = await hung
  scene.check((await slow).value === 'patient', 'a slow call was not answered')
  Date.now = honest
  scene.check(noticed.length === 0, `there was ${noticed}`)
  return outcome
}

async function fullQueue(scene, { options }) {
  await scene.open({ options })
  const calls = Array.from({ length: 100 }, (_, index) => scene.call('wait', [2, index]))
  const outcomes = await Promise.all(calls)
  const refused = outcomes.filter(({ code }) => code === 'QUEUE_FULL')
  const answered = outcomes.filter(({ kind, value }, index) => kind === 'answer' && value === index)
  scene.check(refused.length === 89, `${refused.length} of 100 calls were refused`)
  scene.check(answered.length === 11, `${answered.length} of 100 calls were answered`)
  return refused.at(-1)
}

async function fullOfBytes(scene, { options }) {
  await scene.open({ options })
  const text = 'x'.repeat(10_000)
  const hung = scene.call('spin', [], { timeout: 1500 })
  const calls = Array.from({ length: 8000 }, () => scene.call('fine', [text]))
  const outcomes = await Promise.all([hung, ...calls])
  return outcomes.find(({ code }) => code === 'QUEUE_FULL')
}
