import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { workFile } from '../contestants/paths.mjs'
import { quantile } from '../harness/statistics.mjs'

// node bench/limits/chain-parts.mjs <in flight> <dist>
//
// The host's part of f(n).g().h().i() and of add(a, b), and the part of the space, without a pipe: in the place of the
// space stands another connection in the same process, which is given the bytes at the next turn of the event loop. In ns, the
// value below which a tenth of many short rounds lies: of those nobody has taken the processor. Then the processor time
// of both parts, with what it takes to collect their garbage.

const ROUNDS = 3000
const WARM_ROUNDS = 500
const CALLS = 128

const [inFlight, build] = process.argv.slice(2)
const require = createRequire(import.meta.url)
const partOf = (...path) => require(join(resolve(build), 'lib', ...path))
const { SpacePool } = partOf('index.js')
const { Space } = partOf('space', 'space.js')
const { Connection } = partOf('wire', 'connection.js')
const { ScriptRun } = partOf('wire', 'script-run.js')
const { findFunction } = partOf('wire', 'find-function.js')
const work = require(workFile('live.cjs'))

/** One end of a pipe: keeps what is written until it is handed over. */
class End {
  #pieces = []

  write(bytes, more = []) {
    for (const piece of [bytes, ...more]) this.#pieces.push(Buffer.from(piece))
    return true
  }

  read(reader) {
    this.reader = reader
  }

  close() {}

  handOver(reader) {
    for (const piece of this.#pieces.splice(0)) {
      for (let at = 0; at < piece.length;) {
        const target = reader.target()
        const count = Math.min(piece.length - at, target.length)
        target.set(piece.subarray(at, at + count))
        at += count
        reader.received(count)
      }
    }
  }
}

let space
const { launch } = Space.prototype
Space.prototype.launch = function (started) {
  space = this
  return launch.call(this, started)
}
const pool = new SpacePool({ concurrency: Number(inFlight), heartbeat: { interval: 1e9, missed: 3 } })
const set = await pool.add({ name: workFile('live.cjs'), as: 'live' })
await set.call('live', 'add', [1, 2])

const { sender, reader } = space.connection
// Older builds have the channel and the table in the sender.
const { frames = sender, messages = sender } = sender
const { channel } = frames
const [near, far] = [new End(), new End()]
frames.channel = near
const nothing = () => {}
const host = { root: () => work, lentThing: nothing, tell: (outcome) => connection.tell(outcome, true) }
const owner = {
  invoked: nothing,
  script: (message, hasOperands) => new ScriptRun(message, host, hasOperands).start(),
  message({ id, target, parameters }) {
    if (target === undefined) return connection.answer(id, undefined)
    target.segments ??= target.path.split('.')
    const found = findFunction(work, target.package, target.segments)
    connection.answer(id, Reflect.apply(found.target, found.receiver, parameters))
  }
}
// What the connection of the host has sent so far is in its tables, so that of the other side gets them.
const connection = new Connection(far, owner, { maxBytes: 256 * 1024 * 1024, maxCallbacks: 10_000 })
const { targets } = connection.receiver ?? connection
targets.push(...messages.targets.targets.map((target) => ({ ...target })))

const live = pool.use('live')
const works = {
  chain: { begin: (n) => live.f(n).g().h().i(), isRight: (result, n) => result === n + 3 },
  call: { begin: (n) => set.call('live', 'add', [n, 1]), isRight: (result, n) => result === n + 1 }
}
const parts = []
for (const [name, each] of Object.entries(works)) {
  for (let round = 0; round < WARM_ROUNDS; round++) await measure(each)
  const taken = []
  const { user: before } = process.cpuUsage()
  for (let round = 0; round < ROUNDS; round++) taken.push(await measure(each))
  const both = ((process.cpuUsage().user - before) * 1000) / (ROUNDS * CALLS)
  const [here, there] = ['host', 'space'].map((part) => {
    const sorted = taken.map((round) => round[part]).sort((left, right) => left - right)
    return quantile(sorted, 0.1).toFixed(0)
  })
  parts.push(`${name}: host ${here}, space ${there}, both with garbage ${both.toFixed(0)} ns`)
}
console.log(`${build}: ${parts.join('; ')}`)
frames.channel = channel
await pool.destroy()

async function measure({ begin, isRight }) {
  let next = 0
  let ended = false
  const caller = async () => {
    while (next < CALLS) {
      const n = next++ & 1023
      const result = await begin(n)
      if (!isRight(result, n)) throw new Error(`answered ${result}`)
    }
  }
  const start = process.hrtime.bigint()
  let taken = 0n
  const all = Promise.all(Array.from({ length: Number(inFlight) }, caller))
  all.finally(() => (ended = true))
  while (!ended) {
    await new Promise((turn) => setImmediate(turn))
    const from = process.hrtime.bigint()
    near.handOver(connection.reader)
    connection.flush()
    taken += process.hrtime.bigint() - from
    far.handOver(reader)
  }
  await all
  return { host: Number(process.hrtime.bigint() - start - taken) / CALLS, space: Number(taken) / CALLS }
}
