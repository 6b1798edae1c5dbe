const FIRST = 16
const LARGEST = 1024

/**
 * Collects records of `width` numbers and writes them in batches that grow: after 16 records, then 32, 64 up to
 * 1024, so that the other process starts while this one still encodes. `flush` writes the rest and starts over.
 */
export class Batch {
  constructor(socket, width) {
    this.socket = socket
    this.width = width
    this.numbers = new Float64Array(LARGEST * width)
    this.records = 0
    this.limit = FIRST
  }

  /** True until the first record since the last flush. */
  get isFresh() {
    return this.records === 0 && this.limit === FIRST
  }

  /** Where the next record goes; call `added` once it is there. */
  get offset() {
    return this.records * this.width
  }

  added() {
    if (++this.records === this.limit) {
      this.write()
      this.limit = Math.min(this.limit * 2, LARGEST)
    }
  }

  flush() {
    if (this.records > 0) this.write()
    this.limit = FIRST
  }

  write() {
    const bytes = new Uint8Array(this.numbers.buffer, 0, this.records * this.width * 8)
    this.socket.write(bytes)
    // What the kernel took at once is no longer needed; the rest still lies in this memory.
    if (this.socket.writableLength > 0) this.numbers = new Float64Array(LARGEST * this.width)
    this.records = 0
  }
}
