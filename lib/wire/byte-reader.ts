import { ShortStrings } from './short-strings.js'
import { LATIN1, SHORT_STRING, SHORT_STRING_LIMIT, UTF16 } from './tags.js'

/** Bytes from the other process that are no valid message. Whoever sent them is not to be trusted any further. */
export class ProtocolViolation extends Error {
  constructor(readonly reason: string) {
    super(`the other process broke the protocol: ${reason}`)
  }
}

/** Reads what ByteWriter writes, from a part of some memory, and never beyond its end. */
export class ByteReader {
  bytes: Buffer = Buffer.alloc(0)
  position = 0
  end = 0
  private shortStrings: ShortStrings | undefined
  private view = new DataView(this.bytes.buffer, 0, 0)

  /** Reads this part of this memory from now on. */
  begin(bytes: Buffer, start: number, end: number): void {
    if (this.bytes !== bytes) {
      this.bytes = bytes
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    }
    this.position = start
    this.end = end
  }

  byte(): number {
    if (this.position >= this.end) throw new ProtocolViolation('a message ends too early')
    return this.bytes[this.position++] as number
  }

  /** Whether this byte comes next. */
  isNext(byte: number): boolean {
    return this.position < this.end && this.bytes[this.position] === byte
  }

  uint32(): number {
    const value = this.view.getUint32(this.take(4), true)
    return value
  }

  int32(): number {
    return this.view.getInt32(this.take(4), true)
  }

  double(): number {
    return this.view.getFloat64(this.take(8), true)
  }

  count(): number {
    let byte = this.byte()
    if (byte < 0x80) return byte
    let value = byte & 0x7f
    let factor = 128
    do {
      byte = this.byte()
      value += (byte & 0x7f) * factor
      factor *= 128
    } while (byte >= 0x80 && factor < 2 ** 53)
    if (byte >= 0x80 || value > Number.MAX_SAFE_INTEGER) throw new ProtocolViolation('a number is too large')
    return value
  }

  /** A number of things that take at least one byte each: more than the bytes left is a lie. */
  length(): number {
    const length = this.count()
    if (length > this.end - this.position) throw new ProtocolViolation('a length goes beyond its message')
    return length
  }

  /** So many bytes further; where they begin. */
  take(count: number): number {
    const start = this.position
    if (count > this.end - start) throw new ProtocolViolation('a length goes beyond its message')
    this.position = start + count
    return start
  }

  /** So many bytes in memory of their own. */
  copy(count: number): Buffer {
    const start = this.take(count)
    return Buffer.from(this.bytes.subarray(start, start + count))
  }

  /** A string with its tag. */
  string(): string {
    return this.stringOf(this.byte())
  }

  /** A string whose tag has been read. */
  stringOf(tag: number): string {
    if (tag >= SHORT_STRING && tag < SHORT_STRING + SHORT_STRING_LIMIT) {
      const length = tag - SHORT_STRING
      this.shortStrings ??= new ShortStrings()
      return this.shortStrings.read(this.bytes, this.view, this.take(length), length)
    }
    const length = this.length()
    const start = this.take(length)
    if (tag === LATIN1) return this.bytes.toString('latin1', start, start + length)
    if (tag === UTF16 && length % 2 === 0) return this.bytes.toString('utf16le', start, start + length)
    throw new ProtocolViolation('a string was expected')
  }
}
