'use strict'

// The functions every contestant runs. They are the same for everybody: where a pool wants another shape of
// module, a file beside this one wraps these.

exports.add = (a, b) => a + b

exports.echo = (value) => value

exports.size = (bytes) => bytes.length

/** n! modulo a prime: the work of the peers' own benchmarks, with a result that JSON can carry. */
exports.factorial = (n) => {
  let product = 1n
  for (let factor = 2n; factor <= n; factor++) product *= factor
  return Number(product % 1_000_000_007n)
}

/** Formats a JavaScript source. Loaded when it is first used, so that it slows no start. */
exports.format = async (source) => {
  const { format } = await import('prettier')
  return format(source, { parser: 'babel' })
}

/** Calls `onItem(n, 2 * n)` for each n below `count`, and returns `count`. */
exports.emitNumbers = (count, onItem) => {
  for (let n = 0; n < count; n++) onItem(n, 2 * n)
  return count
}

/** The same with a record, as a feed would bring it. */
exports.emitRecords = (count, onItem) => {
  for (let n = 0; n < count; n++) onItem({ n, symbol: 'OAK/EUR', price: 2 * n, amount: 0.25, buy: true })
  return count
}
