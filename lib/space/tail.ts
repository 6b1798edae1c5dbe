/** Keeps the last bytes of a text. */
export class Tail {
  private readonly size: number
  private bytes: Buffer | undefined
  private length = 0

  constructor(size: number) {
    this.size = size
  }

  push(chunk: Uint8Array): void {
    const bytes = (this.bytes ??= Buffer.alloc(this.size))
    const added = chunk.subarray(Math.max(0, chunk.length - this.size))
    const kept = Math.min(this.length, this.size - added.length)
    bytes.copyWithin(0, this.length - kept, this.length)
    bytes.set(added, kept)
    this.length = kept + added.length
  }

  /** As text, without a part of a character at its start. */
  toString(): string {
    const bytes = this.bytes?.subarray(0, this.length) ?? Buffer.alloc(0)
    return bytes.toString('utf8', startOfCharacter(bytes))
  }
}

/** The first byte of up to four that does not continue a UTF-8 character. */
function startOfCharacter(bytes: Uint8Array): number {
  const start = bytes.subarray(0, 4).findIndex((byte) => (byte & 0xc0) !== 0x80)
  return start === -1 ? 0 : start
}
