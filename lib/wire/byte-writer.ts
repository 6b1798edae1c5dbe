import { LATIN1, SHORT_STRING, SHORT_STRING_LIMIT, UTF16 } from './tags.js'

const beyondLatin1 = /[^\x00-\xff]/

/** Memory that grows as it is written to, with the few forms the wire is made of. */
export class ByteWriter {
  bytes: Buffer
  position = 0
  /** What would go beyond this is refused before memory is taken for it. */
  protected ceiling = Infinity
  private view: DataView

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafeSlow(size)
    this.view = new DataView(this.bytes.buffer)
  }

  /** Makes room for so many more bytes. Every write below does this for itself. */
  reserve(count: number): void {
    if (this.position + count > this.bytes.length) this.grow(count)
  }

  /** Goes on in other memory from its start, and gives back the memory used so far. */
  exchange(memory: Buffer): Buffer {
    const used = this.bytes
    this.bytes = memory
    this.view = new DataView(memory.buffer, memory.byteOffset, memory.length)
    this.position = 0
    return used
  }

  byte(value: number): void {
    if (this.position === this.bytes.length) this.grow(1)
    this.bytes[this.position++] = value
  }

  uint32(value: number): void {
    this.reserve(4)
    this.view.setUint32(this.position, value, true)
    this.position += 4
  }

  int32(value: number): void {
    this.reserve(4)
    this.view.setInt32(this.position, value, true)
    this.position += 4
  }

  double(value: number): void {
    this.reserve(8)
    this.view.setFloat64(this.position, value, true)
    this.position += 8
  }

  /** An unsigned integer up to 2^53 in groups of seven bits, the lowest first. */
  count(value: number): void {
    this.reserve(8)
    while (value > 0x7f) {
      this.bytes[this.position++] = (value & 0x7f) | 0x80
      value = value > 0x7fffffff ? Math.floor(value / 128) : value >>> 7
    }
    this.bytes[this.position++] = value
  }

  /** Bytes as they are, with their number in front. */
  block(block: Uint8Array): void {
    this.count(block.length)
    this.raw(block)
  }

  /** Bytes as they are. */
  raw(block: Uint8Array): void {
    this.reserve(block.length)
    this.bytes.set(block, this.position)
    this.position += block.length
  }

  /** A string with its tag. */
  string(value: string): void {
    const length = value.length
    if (length >= SHORT_STRING_LIMIT) return this.longString(value)
    this.reserve(SHORT_STRING_LIMIT)
    const bytes = this.bytes
    let place = this.position + 1
    for (let character = 0; character < length; character++) {
      const code = value.charCodeAt(character)
      if (code > 0xff) return this.wideString(value)
      bytes[place++] = code
    }
    bytes[this.position] = SHORT_STRING + length
    this.position = place
  }

  /**
   * A string is ASCII when it has as many bytes in UTF-8 as characters, which is the fastest test there is; four bytes
   * of room more than that make sure a longer form is never taken for it.
   */
  private longString(value: string): void {
    const length = value.length
    const start = this.position
    this.reserve(length + 16)
    this.byte(LATIN1)
    this.count(length)
    if (this.bytes.write(value, this.position, length + 4, 'utf8') === length) {
      this.position += length
    } else if (!beyondLatin1.test(value)) {
      this.position += this.bytes.write(value, this.position, length, 'latin1')
    } else {
      this.position = start
      this.wideString(value)
    }
  }

  private wideString(value: string): void {
    this.reserve(value.length * 2 + 16)
    this.byte(UTF16)
    this.count(value.length * 2)
    this.position += this.bytes.write(value, this.position, value.length * 2, 'utf16le')
  }

  /** Called where the ceiling is reached. */
  protected exceeded(position: number): never {
    throw new RangeError(`no room for ${position} bytes`)
  }

  private grow(count: number): void {
    if (this.position + count > this.ceiling) this.exceeded(this.position + count)
    const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.position + count))
    this.bytes.copy(larger, 0, 0, this.position)
    this.bytes = larger
    this.view = new DataView(larger.buffer)
  }
}
