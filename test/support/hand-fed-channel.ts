import { setImmediate as turn } from 'node:timers/promises'
import type { Channel, ChannelReader } from '../../lib/wire/channel.js'

/** A channel whose other side is the test: it hands in bytes, and sees what is written. */
export class HandFedChannel implements Channel {
  readonly written: Buffer[] = []
  closed = false
  /** What `write` answers. */
  takes = true
  reader: ChannelReader | undefined
  private paused = true

  write(bytes: Uint8Array, more: readonly Uint8Array[] = []): boolean {
    for (const piece of [bytes, ...more]) this.written.push(Buffer.from(piece))
    return this.takes
  }

  read(reader: ChannelReader): void {
    this.reader = reader
    this.paused = false
  }

  close(): void {
    this.closed = true
  }

  /** Hands in bytes, so many at a time, as the reader takes them. Settles when they were handled. */
  async feed(bytes: Uint8Array, pieces = Infinity): Promise<void> {
    let start = 0
    while (start < bytes.length && !this.closed) {
      if (this.paused) await turn()
      else start += this.feedPiece(bytes.subarray(start, start + pieces))
    }
    while (this.paused && !this.closed) await turn()
  }

  private feedPiece(bytes: Uint8Array): number {
    const target = (this.reader as ChannelReader).target()
    if (target.length === 0) throw new Error('no room for what comes')
    const count = Math.min(bytes.length, target.length)
    target.set(bytes.subarray(0, count))
    this.paused = !this.reader?.received(count)
    return count
  }
}
