const READ_SIZE = 256 * 1024
const NEWLINE = 10

/** The `onread` option of a socket that brings lines of JSON in ASCII; `take` gets what each of them holds. */
export function readLines(take) {
  const buffer = Buffer.allocUnsafeSlow(READ_SIZE)
  let begun = ''
  const callback = (size) => {
    let start = 0
    for (let end = next(start, size); end !== -1; end = next(start, size)) {
      take(JSON.parse(begun + buffer.latin1Slice(start, end)))
      begun = ''
      start = end + 1
    }
    begun += buffer.latin1Slice(start, size)
    return true
  }
  const next = (start, size) => {
    const end = buffer.indexOf(NEWLINE, start)
    return end < size ? end : -1
  }
  return { buffer, callback }
}
