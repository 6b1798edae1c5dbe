import { workFile } from '../scene.mjs'

/** The host is killed: nothing may be left of it. */
export const orphans = [
  {
    name: 'kill -9 of the host, 8 spaces: idle, spinning, stopped, with children',
    killsHost: true,
    run: allKinds
  },
  { name: 'kill -9 of the host, worker idle', killsHost: true, peers: true, call: ['fine', 1], run: oneKind },
  {
    name: 'kill -9 of the host, worker with a timer',
    killsHost: true,
    peers: true,
    call: ['keepTimer'],
    run: oneKind
  },
  { name: 'kill -9 of the host, worker hung', killsHost: true, peers: true, call: ['spin'], run: oneKind },
  { name: 'the host ends with process.exit(), worker hung', killsHost: 'exit', call: ['spin'], run: oneKind },
  {
    name: 'the host ends with an uncaught exception, worker hung',
    killsHost: 'throw',
    call: ['spin'],
    run: oneKind
  }
]

async function allKinds(scene) {
  await scene.open({ module: null, neighbour: false })
  const grandchildren = []
  const kinds = [
    () => {},
    (call) => void call('spin'),
    (call) => void call('stop'),
    async (call) => grandchildren.push(await call('startGrandchild', [60]))
  ]
  for (const [index, kind] of [...kinds, ...kinds].entries()) {
    const set = await scene.pool.add({ name: workFile('faulty'), as: `faulty${index}` })
    await kind((name, parameters) => set.call(`faulty${index}`, name, parameters).catch(() => {}))
  }
  await pause(100)
  scene.check(scene.pids.length === 8, 'there are not eight spaces')
  return [...scene.pids, ...grandchildren]
}

async function oneKind(scene, { call: [name, ...parameters] }) {
  await scene.open({ neighbour: false })
  void scene.call(name, parameters)
  await pause(50)
  return scene.pids
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
