import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'

// node bench/limits/callback-parts.mjs <emitNumbers | emitRecords> <dist>
//
// The caller's part of a callback alone, and the part of the side that is called, without a pipe: two connections in one
// process, whose bytes are kept and handed over between the two parts. The smallest and the first quarter of many
// rounds, in ns a callback: with other work on the machine only those are of use.

const ROUNDS = 100
const WARM_ROUNDS = 20
const COUNT = 20_000
/** Bytes of one read. */
const READ = 128 * 1024

const [name, build] = process.argv.slice(2)
const values = {
  emitNumbers: (onItem, n) => onItem(n, 2 * n),
  emitRecords: (onItem, n) => onItem({ n, symbol: 'OAK/EUR', price: 2 * n, amount: 0.25, buy: true })
}

/** Keeps what is written until it is handed over. */
class Kept {
  #pieces = []
  #resume
  isReading = false

  write(bytes, more = []) {
    for (const piece of [bytes, ...more]) this.#pieces.push(Buffer.from(piece))
    return true
  }

  read(reader) {
    this.reader = reader
    this.isReading = true
    this.#resume?.()
  }

  close() {}

  /** Nanoseconds that it takes `to` to read all of it. */
  async handOver(to) {
    const all = Buffer.concat(this.#pieces)
    this.#pieces = []
    let taken = 0n
    for (let at = 0; at < all.length;) {
      if (!to.isReading) await new Promise((resume) => (to.#resume = resume))
      const start = process.hrtime.bigint()
      const target = to.reader.target()
      const count = Math.min(all.length - at, target.length, READ)
      target.set(all.subarray(at, at + count))
      to.isReading = to.reader.received(count)
      taken += process.hrtime.bigint() - start
      at += count
    }
    await new Promise((turn) => setImmediate(turn))
    return Number(taken)
  }
}

function open() {
  const { Connection } = createRequire(import.meta.url)(join(resolve(build), 'lib/wire/connection.js'))
  const limits = { maxBytes: 256 * 1024 * 1024, maxCallbacks: 10_000 }
  const nothing = () => {}
  const owner = { invoked: nothing, relieved: nothing, released: nothing, crowded: nothing }
  let onItem
  const [near, far] = [new Kept(), new Kept()]
  const called = new Connection(near, owner, limits)
  const take = ({ parameters }) => ([onItem] = parameters)
  const caller = new Connection(far, { ...owner, message: take }, limits)
  return { near, far, called, caller, call: (n) => values[name](onItem, n) }
}

async function begin({ called, near, far }) {
  let next = 0
  const target = { package: 'p', path: 'q' }
  const onItem = (first, second) => {
    const { n, price } = name === 'emitNumbers' ? { n: first, price: second } : first
    if (n !== next || price !== 2 * n) throw new Error(`item ${n} instead of ${next}`)
    next = (next + 1) % COUNT
  }
  called.request({ type: 'call', target, parameters: [onItem] }, {})
  await new Promise((turn) => setImmediate(turn))
  await near.handOver(far)
}

async function measure({ call, near, far }) {
  const start = process.hrtime.bigint()
  for (let n = 0; n < COUNT; n++) call(n)
  const calls = Number(process.hrtime.bigint() - start)
  await new Promise((turn) => setImmediate(turn))
  const reads = await far.handOver(near)
  await near.handOver(far)
  return [calls / COUNT, reads / COUNT]
}

const opened = open()
await begin(opened)
const times = []
for (let round = 0; round < WARM_ROUNDS + ROUNDS; round++) {
  const each = await measure(opened)
  if (round >= WARM_ROUNDS) times.push(each)
}
const figures = ['caller', 'called'].map((part, place) => {
  const sorted = times.map((each) => each[place]).sort((left, right) => left - right)
  return `${part} ${sorted[0].toFixed(0)} ns, first quarter ${sorted[ROUNDS / 4].toFixed(0)} ns`
})
console.log(`${build}: ${figures.join('; ')}`)
