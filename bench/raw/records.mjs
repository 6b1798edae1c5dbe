const READ_SIZE = 256 * 1024

/**
 * The `onread` option of a socket that brings records of `width` numbers: `take(numbers, count)` gets as many
 * whole records as arrived, at the start of `numbers`; a record cut in two waits for its end.
 */
export function readRecords(width, take) {
  const recordSize = width * 8
  const numbers = new Float64Array((READ_SIZE + recordSize) / 8)
  const bytes = new Uint8Array(numbers.buffer)
  let filled = 0
  const callback = (size, chunk) => {
    bytes.set(size === chunk.length ? chunk : chunk.subarray(0, size), filled)
    filled += size
    const count = Math.floor(filled / recordSize)
    take(numbers, count)
    bytes.copyWithin(0, count * recordSize, filled)
    filled -= count * recordSize
    return true
  }
  return { buffer: Buffer.allocUnsafeSlow(READ_SIZE), callback }
}
