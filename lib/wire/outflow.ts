import { bytesIn, MOST_BYTES, MOST_ITEMS } from './batch.js'
import type { FarStream } from './far-stream.js'

/** What goes to a stream of the other side: while some is on its way the next gathers, up to a limit. */
export class Outflow {
  private chunks: unknown[] = []
  private bytes = 0
  private sending: Promise<void> | undefined

  constructor(
    private readonly far: FarStream,
    private readonly fail: (reason: unknown) => void
  ) {}

  /** Settles when more may be written. */
  write(chunk: unknown): Promise<void> {
    this.chunks.push(chunk)
    this.bytes += bytesIn(chunk, 2)
    if (this.sending === undefined) {
      this.sending = this.send()
      // It is told to whoever waits, and to the stream.
      this.sending.catch(() => undefined)
    }
    const isFull = this.chunks.length >= MOST_ITEMS || this.bytes >= MOST_BYTES
    return isFull ? this.sending : Promise.resolve()
  }

  /** Settles when all was taken. */
  empty(): Promise<void> {
    return this.sending ?? Promise.resolve()
  }

  private async send(): Promise<void> {
    try {
      while (this.chunks.length > 0) {
        const { chunks } = this
        this.chunks = []
        this.bytes = 0
        await this.far.ask('write', [chunks])
      }
    } catch (error) {
      this.fail(error)
      throw error
    } finally {
      this.sending = undefined
    }
  }
}
