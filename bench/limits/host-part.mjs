import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { workFile } from '../contestants/paths.mjs'
import { quantile } from '../harness/statistics.mjs'

// node bench/limits/host-part.mjs <in flight> [timeout:]<dist>
//
// The host's part of a small call alone: in the place of the pipe stands a channel in memory that answers every call
// with 5 at the next turn of the event loop. The smallest and the first quarter of many rounds, in ns a call: with
// other work on the machine only those are of use.

const ROUNDS = 120
const WARM_ROUNDS = 40
const CALLS = 16_384
const [CALL, PING, RESULT] = [4, 16, 10]
const ANSWER = 5

const [inFlight, build] = process.argv.slice(2)
const hasTimeout = build.startsWith('timeout:')
const folder = resolve(build.slice(hasTimeout ? 'timeout:'.length : 0))
const require = createRequire(import.meta.url)
const { SpacePool } = require(join(folder, 'lib', 'index.js'))
const { Space } = require(join(folder, 'lib', 'space', 'space.js'))

let space
const { launch } = Space.prototype
Space.prototype.launch = function (started) {
  space = this
  return launch.call(this, started)
}

const options = { concurrency: Number(inFlight), ...(hasTimeout ? { callTimeout: 60_000 } : {}) }
const pool = new SpacePool(options)
const set = await pool.add({ name: workFile('work.cjs'), as: 'work' })
await set.call('work', 'add', [1, 2])

const answers = Buffer.alloc(256 * 1024)
let size = 0
const { sender, reader } = space.connection
// Older builds have the channel in the sender.
const { frames = sender } = sender
const { channel } = frames
frames.channel = { write: answerAll, read() {}, close: () => channel.close() }

const times = []
for (let round = 0; round < WARM_ROUNDS + ROUNDS; round++) {
  const time = await measure()
  if (round >= WARM_ROUNDS) times.push(time)
}
times.sort((left, right) => left - right)
console.log(`${build}: ${times[0].toFixed(0)} ns, first quarter ${quantile(times, 0.25).toFixed(0)} ns`)
frames.channel = channel
await pool.close()

async function measure() {
  let next = 0
  let ended = false
  const caller = async () => {
    while (next < CALLS) {
      const result = await set.call('work', 'add', [next++ & 1023, 1])
      if (result !== ANSWER) throw new Error(`answered ${result}`)
    }
  }
  const start = process.hrtime.bigint()
  const all = Promise.all(Array.from({ length: Number(inFlight) }, caller))
  all.finally(() => (ended = true))
  while (!ended) {
    await new Promise((turn) => setImmediate(turn))
    deliver()
  }
  await all
  return Number(process.hrtime.bigint() - start) / CALLS
}

/** Reads frames of calls with two whole numbers, and of pings, and writes a frame of results for each. */
function answerAll(bytes) {
  let at = 0
  while (at < bytes.length) {
    const end = at + 4 + bytes.readUInt32LE(at)
    const head = size
    size += 4
    for (at += 4; at < end;) at = answer(bytes, at)
    answers.writeUInt32LE(size - head - 4, head)
  }
  return true
}

function answer(bytes, at) {
  answers[size] = RESULT
  for (let place = 1; place <= 4; place++) answers[size + place] = bytes[at + place]
  answers[size + 5] = 0
  answers[size + 6] = ANSWER
  size += 7
  if (bytes[at] === PING) return at + 5
  if (bytes[at] !== CALL) throw new Error(`a message of type ${bytes[at]}`)
  // Type, id, target, form of the body, array and its length; then the numbers, small or of four bytes.
  let end = at + 9
  for (let left = 2; left > 0; left--) end += bytes[end] < 0x80 ? 1 : 5
  return end
}

function deliver() {
  for (let at = 0; at < size;) {
    const target = reader.target()
    const count = Math.min(size - at, target.length)
    target.set(answers.subarray(at, at + count))
    at += count
    reader.received(count)
  }
  size = 0
}
