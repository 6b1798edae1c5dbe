import { expect } from 'chai'
import type { Channel } from '../../lib/wire/channel.js'
import { framesOf, type Frame } from './frames.js'

/** A channel that may be full: then it keeps the memory it was given, and looks later whether it was changed. */
export class FullChannel implements Channel {
  isFull = false
  readonly writes: Buffer[] = []
  private readonly kept: { memory: Uint8Array; content: Buffer }[] = []

  write(bytes: Uint8Array, more: readonly Uint8Array[] = []): boolean {
    this.writes.push(Buffer.concat([bytes, ...more]))
    if (!this.isFull) return true
    for (const memory of [bytes, ...more]) this.kept.push({ memory, content: Buffer.from(memory) })
    return false
  }

  read(): void {}
  close(): void {}

  /** Everything has left; nothing of it may have been written over meanwhile. */
  empty(): void {
    for (const { memory, content } of this.kept.splice(0)) {
      expect(content.equals(memory), 'memory that the channel still needed').to.equal(true)
    }
  }

  get frames(): Frame[] {
    return framesOf(Buffer.concat(this.writes))
  }

  get batches(): Frame[] {
    return this.frames.filter(({ kind }) => kind === 0)
  }
}
