/** ms that a close waits for what is pending, and by how much it may take longer. */
const TIMEOUT = 300
const LATE = 500
/** ms where everything that is pending will be answered: a busy machine takes longer. */
const PATIENCE = 5000

const closed = { answers: undefined }
const inTime = { gets: closed, within: [0, TIMEOUT + LATE], next: false }
const cannotEnd = { minBackoff: 5000, maxBackoff: 5000 }

/** The pool is closed, whatever its spaces are doing: bounded, and nothing is left. */
export const shutdown = [
  row('while a space starts', async (scene) => {
    await scene.open({ module: null })
    const added = scene.track(scene.add('faulty'))
    return closeWith(scene, [added])
  }),
  row('while a package loads', async (scene) => {
    await scene.open({ module: null })
    const added = scene.track(scene.add('spins-at-load'))
    await pause(200)
    return closeWith(scene, [added], refusedAll)
  }),
  row('while a set waits for room', async (scene) => {
    await scene.open({ module: null, neighbour: false, pool: { maxSpaces: 1 } })
    scene.set = await scene.add('faulty')
    const call = scene.call('never')
    const added = scene.track(scene.add('calm'))
    return closeWith(scene, [call, added], refusedAll)
  }),
  row('while a set is reloaded', async (scene) => {
    await scene.open()
    const reloaded = scene.track(scene.set.reload())
    const call = scene.call('fine', ['served'])
    return closeWith(scene, [call, reloaded], ([{ value }]) => value === 'served', PATIENCE)
  }),
  row('while calls run', async (scene) => {
    await scene.open()
    const calls = Array.from({ length: 200 }, (_, index) => scene.call('wait', [40, index]))
    const areAnswered = (outcomes) => outcomes.every(({ value }, index) => value === index)
    return closeWith(scene, calls, areAnswered, PATIENCE)
  }),
  row('while a call hangs', async (scene) => {
    await scene.open()
    return closeWith(scene, [scene.call('spin')], refusedAll)
  }),
  row('while a call hangs that ignores signals', async (scene) => {
    await scene.open()
    await scene.call('ignoreSignals')
    return closeWith(scene, [scene.call('spin')], refusedAll)
  }),
  row('while a space is stopped by a signal', async (scene) => {
    await scene.open()
    await stopSpace(scene)
    return closeWith(scene, [])
  }),
  row('while a space with calls is stopped by a signal', async (scene) => {
    await scene.open()
    await stopSpace(scene)
    return closeWith(scene, [scene.call('fine', [1])], refusedAll)
  }),
  row('in backoff, with a call in the queue', async (scene) => {
    await scene.open({ options: { restart: cannotEnd } })
    await scene.call('exit', [1])
    return closeWith(scene, [scene.call('fine', [1])], refusedAll)
  }),
  row('with the breaker open', async (scene) => {
    await scene.open({ options: { restart: { intensity: 0 } } })
    await scene.call('exit', [1])
    scene.check((await scene.call('fine', [1])).code === 'SET_DOWN', 'the set is not down')
    return closeWith(scene, [])
  }),
  row('while a space is being rebuilt', async (scene) => {
    await scene.open({ options: { restart: { minBackoff: 0, maxBackoff: 0 } } })
    await scene.call('exit', [1])
    return closeWith(scene, [scene.call('fine', ['late'])])
  }),
  row('twice', async (scene) => {
    await scene.open()
    const call = scene.call('wait', [50, 1])
    const first = scene.close({ timeout: PATIENCE })
    const again = await scene.close({ timeout: PATIENCE })
    scene.check((await first).kind === 'answer' && (await call).value === 1, 'the first close did not wait')
    return again
  }),
  row('concurrently with calls', async (scene) => {
    await scene.open()
    const calls = Array.from({ length: 200 }, async (_, index) => {
      await pause(index / 10)
      return scene.call('fine', [index])
    })
    await pause(5)
    const whole = ({ kind, code, value }, index) =>
      kind === 'answer' ? value === index : code === 'POOL_CLOSED'
    return closeWith(scene, calls, (outcomes) => outcomes.every(whole))
  }),
  row('destroy() while calls hang', async (scene) => {
    await scene.open()
    const calls = [scene.call('never'), scene.call('spin')]
    await pause(20)
    const outcome = await scene.close({ destroy: true })
    scene.check(refusedAll(await Promise.all(calls)), 'a call was not refused')
    return outcome
  }),
  row('destroy() while a space starts', async (scene) => {
    await scene.open({ module: null })
    const added = scene.track(scene.add('faulty'))
    const outcome = await scene.close({ destroy: true })
    scene.check(refusedAll([await added]), 'the addition was not refused')
    return outcome
  }),
  row('while a space that has no calls spins', spinIdle(false), { within: [0, 1500] }),
  row('while a space that has no calls spins and ignores signals', spinIdle(true), {
    within: [0, 3500],
    long: true
  }),
  row('Ctrl-C, while the host drains', interrupted)
]

function row(name, run, more) {
  return { name: `close: ${name}`, run, ...inTime, ...more }
}

/** Closes, and looks at what became of the pending calls, and at calls made afterwards. */
async function closeWith(scene, pending, areRight = () => true, timeout = TIMEOUT) {
  const outcome = await scene.close({ timeout })
  const outcomes = await Promise.all(pending)
  scene.check(areRight(outcomes), `calls got ${JSON.stringify(outcomes.slice(0, 3))}`)
  const after = await scene.track(scene.pool.call('faulty', 'fine'))
  scene.check(after.code === 'POOL_CLOSED', 'a closed pool took a call')
  return outcome
}

const refusedAll = (outcomes) => outcomes.every(({ code }) => code === 'POOL_CLOSED')

async function stopSpace(scene) {
  const { value } = await scene.call('pid')
  process.kill(value, 'SIGSTOP')
}

function spinIdle(ignoring) {
  return async (scene) => {
    await scene.open()
    if (ignoring) await scene.call('ignoreSignals')
    await scene.call('later', [1, 'spin'])
    await pause(50)
    return scene.close()
  }
}

/** As at a terminal: the signal goes to the whole group of the host, and spaces are in groups of their own. */
async function interrupted(scene) {
  await scene.open()
  const call = scene.call('wait', [150, 'drained'])
  let close
  await new Promise((resolve) => {
    process.once('SIGINT', () => {
      close = scene.close({ timeout: PATIENCE })
      resolve()
    })
    process.kill(0, 'SIGINT')
  })
  scene.check((await call).value === 'drained', 'Ctrl-C reached a space')
  return close
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
