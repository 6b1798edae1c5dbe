import { Batch } from './batch.js'
import { soon } from './soon.js'
import { StreamEnd, type Pulled } from './stream-end.js'

/** The end of a ReadableStream. It is locked from the first time that something is asked of it. */
export class WebReadableEnd extends StreamEnd {
  #reader: ReadableStreamDefaultReader<unknown> | undefined
  /** What was asked for and not there when the last batch left. */
  #coming: ReturnType<ReadableStreamDefaultReader<unknown>['read']> | undefined
  #failure: { error: unknown } | undefined

  async pull(): Promise<Pulled> {
    if (this.#failure !== undefined) throw this.#failure.error
    const reader = (this.#reader ??= this.#stream.getReader())
    const batch = new Batch()
    try {
      while (!batch.isFull) {
        this.#coming ??= reader.read()
        const result = batch.items.length === 0 ? await this.#coming : await soon(this.#coming)
        if (result === undefined) break
        this.#coming = undefined
        if (result.done) return { chunks: batch.items, done: true }
        batch.add(result.value)
      }
    } catch (error) {
      this.#coming = undefined
      // What came before is told first.
      if (batch.items.length === 0) throw error
      this.#failure = { error }
    }
    return { chunks: batch.items, done: false }
  }

  destroy(reason: unknown): void {
    if (this.#reader === undefined && this.#stream.locked) return
    ;(this.#reader ?? this.#stream).cancel(reason).catch(ignore)
  }

  write(): never {
    throw new TypeError('a ReadableStream is not written to')
  }

  end(): never {
    return this.write()
  }

  over(): never {
    return this.write()
  }

  get #stream(): ReadableStream<unknown> {
    return StreamEnd.streamOf(this) as ReadableStream<unknown>
  }
}

/** The end of a WritableStream. It is locked from the first time that something is asked of it. */
export class WebWritableEnd extends StreamEnd {
  #writer: WritableStreamDefaultWriter<unknown> | undefined

  async write(chunks: readonly unknown[]): Promise<void> {
    const writer = this.#lock()
    for (const chunk of chunks) {
      await writer.ready
      // A failure is what `ready`, or the next that is asked, rejects with.
      writer.write(chunk).catch(ignore)
    }
    await writer.ready
  }

  async end(): Promise<void> {
    await this.#lock().close()
  }

  destroy(reason: unknown): void {
    if (this.#writer === undefined && this.#stream.locked) return
    ;(this.#writer ?? this.#stream).abort(reason).catch(ignore)
  }

  pull(): never {
    throw new TypeError('a WritableStream is not read from')
  }

  over(): never {
    return this.pull()
  }

  #lock(): WritableStreamDefaultWriter<unknown> {
    if (this.#writer !== undefined) return this.#writer
    const writer = this.#stream.getWriter()
    writer.closed.catch(ignore)
    return (this.#writer = writer)
  }

  get #stream(): WritableStream<unknown> {
    return StreamEnd.streamOf(this) as WritableStream<unknown>
  }
}

const ignore = (): void => undefined
