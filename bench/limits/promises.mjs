// node bench/limits/promises.mjs
//
// What the language takes for what callbacks and iteration are made of, in this process alone: processor time for each
// of 100 000 promises that are made in one loop and settled after it, and of 100 000 items of `for await`. Means over
// 15 rounds, in which all ways take turns.

const COUNT = 100_000
const ROUNDS = 15
const ROW = 256

const turn = () => new Promise((resolve) => setImmediate(resolve))
let lastResolve
const keepResolve = (resolve) => (lastResolve = resolve)
let seen

/** As callbacks have them: held by nobody until its `constructor` is asked for. */
class Unheld extends Promise {
  static {
    Object.defineProperty(this.prototype, 'constructor', { get: () => Promise })
  }

  constructor(row) {
    super(keepResolve)
    this.row = row
    this.resolve = lastResolve
  }
}

const items = Array.from({ length: COUNT }, (_, n) => [n, 2 * n])

class Iterator {
  [Symbol.asyncIterator]() {
    return this
  }

  place = 0

  next() {
    if (this.place === COUNT) return Promise.resolve({ done: true, value: undefined })
    return Promise.resolve({ done: false, value: items[this.place++] })
  }
}

const ways = {
  'a promise and what resolves it, kept': async () => {
    const kept = []
    for (let n = 0; n < COUNT; n++) {
      seen = new Promise(keepResolve)
      kept.push(lastResolve)
    }
    await turn()
    for (const resolve of kept) resolve()
    await turn()
  },
  'then() of one promise for 256': async () => {
    const kept = []
    let gate
    for (let n = 0; n < COUNT; n++) {
      if (n % ROW === 0) {
        gate = new Promise(keepResolve)
        kept.push(lastResolve)
      }
      seen = gate.then(ignore)
    }
    await turn()
    for (const resolve of kept) resolve()
    await turn()
  },
  'a promise that nobody holds': async () => {
    let row
    for (let n = 0; n < COUNT; n++) {
      if (n % ROW === 0) row = {}
      seen = new Unheld(row)
    }
    await turn()
  },
  'for await over an array, by the smallest iterator': async () => {
    for await (const [n, double] of new Iterator()) seen = n + double
  },
  'for of over the same array': () => {
    for (const [n, double] of items) seen = n + double
  }
}

function ignore() {}

const taken = new Map(Object.keys(ways).map((name) => [name, 0]))
for (let round = -3; round < ROUNDS; round++) {
  for (const [name, run] of Object.entries(ways)) {
    const before = process.cpuUsage()
    await run()
    const { user, system } = process.cpuUsage(before)
    if (round >= 0) taken.set(name, taken.get(name) + user + system)
  }
}
console.log(`Node ${process.versions.node}, ns of a processor each`)
for (const [name, sum] of taken) console.log(`${Math.round((sum * 1000) / COUNT / ROUNDS)}  ${name}`)
if (seen === undefined) process.exitCode = 1
