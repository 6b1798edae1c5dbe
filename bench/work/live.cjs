'use strict'

// What live objects are measured with: a chain of four, items that are called back with, items that are iterated over,
// and objects to refer to.

class Counter {
  constructor(n) {
    this.n = n
  }

  g() {
    return new Counter(this.n + 1)
  }

  h() {
    return new Counter(this.n + 1)
  }

  i() {
    return this.n + 1
  }
}

exports.Counter = Counter

exports.add = (a, b) => a + b

/** `f(n).g().h().i()` is n + 3. */
exports.f = (n) => new Counter(n)

/** Collects garbage and returns what is left, in bytes: of objects, and of the whole process. */
exports.memory = () => {
  const { setFlagsFromString } = require('node:v8')
  const { runInNewContext } = require('node:vm')
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  const { heapUsed, external, rss } = process.memoryUsage()
  return { heap: heapUsed + external, resident: rss }
}

const { emitNumbers, emitRecords } = require('./work.cjs')

exports.emitNumbers = emitNumbers
exports.emitRecords = emitRecords

/** The same items as `emitNumbers`, to be iterated over. */
exports.numbers = function* (count) {
  for (let n = 0; n < count; n++) yield [n, 2 * n]
}

/** The same items as `emitRecords`. */
exports.records = function* (count) {
  for (let n = 0; n < count; n++) yield [{ n, symbol: 'OAK/EUR', price: 2 * n, amount: 0.25, buy: true }]
}
