import { EventEmitter, once } from 'node:events'
import type { ChannelReader } from '../../lib/wire/channel.js'

export interface RecorderOptions {
  /** Length of every target. Default 65 536. */
  target?: number
  /** Pauses as soon as so many bytes have come, until `limit` is raised. Default: never. */
  limit?: number
}

/** A reader that keeps everything, with targets of one size. */
export class Recorder implements ChannelReader {
  readonly counts: number[] = []
  readonly endings: (Error | undefined)[] = []
  drains = 0
  limit: number
  private readonly parts: Buffer[] = []
  private readonly memory: Buffer
  private readonly news = new EventEmitter()

  constructor(options: RecorderOptions = {}) {
    this.memory = Buffer.alloc(options.target ?? 65_536)
    this.limit = options.limit ?? Infinity
  }

  get bytes(): Buffer {
    return Buffer.concat(this.parts)
  }

  get length(): number {
    return this.parts.reduce((sum, part) => sum + part.length, 0)
  }

  target(): Uint8Array {
    return this.memory
  }

  received(count: number): boolean {
    if (this.endings.length > 0) throw new Error('received after the end')
    this.counts.push(count)
    this.parts.push(Buffer.from(this.memory.subarray(0, count)))
    this.memory.fill(0)
    this.news.emit('news')
    return this.length < this.limit
  }

  drained(): void {
    this.drains++
    this.news.emit('news')
  }

  ended(error?: Error): void {
    this.endings.push(error)
    this.news.emit('news')
  }

  /** Settles when so many bytes have come. */
  async has(length: number): Promise<void> {
    await this.until(() => this.length >= length)
  }

  async drain(): Promise<void> {
    const before = this.drains
    await this.until(() => this.drains > before)
  }

  async end(): Promise<Error | undefined> {
    await this.until(() => this.endings.length > 0)
    return this.endings[0]
  }

  private async until(met: () => boolean): Promise<void> {
    while (!met()) await once(this.news, 'news')
  }
}
