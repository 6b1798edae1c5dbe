/** ms that a space lives at least before it is replaced, and by when it must be then. */
const SHORTEST_LIFE = 10_000
const WITHIN = 20_000
const MIB = 1024 * 1024

/** Spaces that are replaced before they fail, while calls go on: no call notices. */
export const recycling = [
  row('after so many calls', { maxCalls: 100 }, 'recycle'),
  row('after so long', { maxAge: SHORTEST_LIFE }, 'recycle'),
  row('for so much memory', { maxMemory: 200 * MIB }, 'memory', ['keepBuffers', 300])
]

function row(name, recycle, reason, burden) {
  return {
    name: `replaced ${name}, while calls go on`,
    long: true,
    options: { recycle },
    run: (scene, { options }) => replaced(scene, options, reason, burden),
    gets: { answers: 'whole' },
    within: [0, WITHIN]
  }
}

async function replaced(scene, options, reason, burden) {
  await scene.open({ options })
  const order = []
  for (const name of ['spaceReady', 'spaceExit']) {
    scene.pool.on(name, ({ key }) => key === scene.set.key && order.push(name))
  }
  const before = await scene.call('pid')
  if (burden) await scene.call(burden[0], burden.slice(1))
  const replacing = scene.event('spaceExit', ({ key }) => key === scene.set.key, WITHIN)
  const outcome = await scene.track(callUntil(scene, replacing), WITHIN + 1000)
  const exit = await replacing
  scene.check(exit.reason === reason && exit.cause === null, `it ended for ${exit.reason}, ${exit.cause}`)
  scene.check(exit.pid === before.value, 'another space was replaced')
  scene.check(exit.uptime >= SHORTEST_LIFE, `it lived for ${Math.round(exit.uptime)} ms`)
  scene.check(order.join() === 'spaceReady,spaceExit', `the order was ${order}`)
  const { errors, restarts, generation } = scene.set.stats()
  scene.check(errors === 0 && restarts === 0 && generation === 2, 'it counts as a crash, or a call failed')
  return outcome
}

/** Every call gets its own answer, until this promise settles. */
async function callUntil(scene, end) {
  let over = false
  void end.finally(() => (over = true))
  let broken = 0
  for (let count = 0; !over; count++) {
    const outcomes = await Promise.all([scene.call('fine', [count]), scene.call('wait', [5, -count])])
    const [first, second] = outcomes.map(({ value }) => value)
    if (first !== count || second !== -count) broken++
  }
  return broken === 0 ? 'whole' : `${broken} calls failed`
}
