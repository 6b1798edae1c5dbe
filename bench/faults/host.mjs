import { outcomeOf } from './outcome.mjs'
import { TAG } from './processes.mjs'
import { Vigil } from './vigil.mjs'

// The program of one host: a process of its own for one fault, or in the short form for a few, so that it is seen when
// the host itself is harmed. It tells what it found for each, and then has to end by itself.

/** ms until a timer of a peer fires: many a one runs one call after the other, so the call beside it is made second. */
const LATER = 50

const [contestant, group, ...names] = process.argv.slice(2)
const { [group]: rows } = await import(`./rows/${group}.mjs`)

process.on('uncaughtExceptionMonitor', (error, origin) => {
  process.send?.({ uncaught: `${origin}: ${error?.message ?? error}` })
})
// Without the run nobody is there to end this process.
process.once('disconnect', () => process.exit(1))

for (const name of names) {
  const row = rows.find((each) => each.name === name)
  const vigil = new Vigil()
  const findings = await (contestant === 'spacepool' ? ofSpacepool(row, vigil) : ofPeer(row, vigil))
  vigil.end()
  await tell({ findings })
}
process.removeAllListeners('disconnect')
process.disconnect()

async function ofSpacepool(row, vigil) {
  const { Scene } = await import('./scene.mjs')
  vigil.watchPromises()
  await vigil.takeStock()
  const scene = new Scene(process.env[TAG], vigil)
  const outcome = await row.run(scene, row)
  if (row.killsHost) await standUntilKilled(row, outcome)
  const next = row.next === false ? undefined : await (row.next ?? (() => scene.next()))(scene)
  await scene.finish(row.closeWithin ?? 1500)
  const { delay, stall, growth, incidents } = vigil
  const problems = [...scene.problems, ...incidents]
  return { outcome, next, problems, delay, stall, growth, latencies: scene.latencies }
}

async function ofPeer(row, vigil) {
  const { open } = await import(`./peers/${contestant}.mjs`)
  vigil.begin()
  const peer = await open(row.module ?? 'faulty', row.timeout)
  const call = ([name, ...parameters], timeout) => outcomeOf(peer.call(name, parameters, timeout))
  // As a pool that has been at work for a while.
  if (row.module === undefined) await call(['fine', 'first'])
  if (row.killsHost) {
    void call(row.call)
    await new Promise((resolve) => setTimeout(resolve, 200))
    await standUntilKilled(row, [])
  }
  const outcome = await (row.beside ? callLater(call, row) : call(row.call, row.timeout))
  const next = await call(['fine', 'next'])
  await outcomeOf(peer.close(), 3000)
  const { delay, stall, growth, incidents } = vigil
  return { outcome, next, problems: incidents, delay, stall, growth }
}

async function callLater(call, { call: words, beside }) {
  await call(['later', LATER, ...words])
  return call(beside)
}

/** Says that the processes stand as the fault wants them, and waits for the end, or brings it about. */
async function standUntilKilled(row, pids) {
  await tell({ standing: pids })
  if (row.killsHost === 'exit') process.exit(0)
  if (row.killsHost === 'throw') {
    process.nextTick(() => {
      throw new Error('the host fails')
    })
  }
  await new Promise(() => {})
}

function tell(message) {
  return new Promise((resolve) => process.send(message, resolve))
}
