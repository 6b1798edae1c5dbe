import { finished, type Duplex } from 'node:stream'
import { Batch } from './batch.js'
import { textOf } from './in-words.js'
import { isError } from './is-error.js'
import { StreamEnd, type Pulled } from './stream-end.js'
import type { StreamKind } from './stream-kinds.js'

/** What has become of one direction of a stream. */
interface Direction {
  isOver: boolean
  failure: { error: unknown } | undefined
}

/** The end of a stream of Node: a Readable, a Writable or both. */
export class NodeStreamEnd extends StreamEnd {
  readonly #stream: Duplex
  readonly #reading: Direction = { isOver: true, failure: undefined }
  readonly #writing: Direction = { isOver: true, failure: undefined }
  readonly #isBytes: boolean
  #isRead = false
  #isLetGo = false
  #waiting: (() => void)[] = []

  constructor(stream: Duplex, kind: StreamKind) {
    super(stream, kind)
    this.#stream = stream
    this.#isBytes = !kind.readsObjects
    // Whoever it was lent to is told of it.
    stream.on('error', ignore)
    if (kind.flavour !== 'writable') this.#watch(this.#reading, 'end', { writable: false })
    if (kind.flavour !== 'readable') {
      this.#watch(this.#writing, 'finish', { readable: false })
      stream.on('drain', this.#wake)
    }
  }

  async pull(): Promise<Pulled> {
    const [stream, direction] = [this.#stream, this.#reading]
    if (!this.#isRead) stream.on('readable', this.#wake)
    this.#isRead = true
    for (;;) {
      const chunks = direction.failure === undefined ? this.#take() : []
      if (chunks.length > 0) return { chunks, done: false }
      check(direction)
      if (direction.isOver) return { chunks, done: true }
      await this.#change()
    }
  }

  async write(chunks: readonly unknown[]): Promise<void> {
    const [stream, direction] = [this.#stream, this.#writing]
    let isFull = false
    for (const chunk of chunks) {
      check(direction)
      isFull = !stream.write(chunk)
    }
    while (isFull && !direction.isOver) {
      await this.#change()
      isFull = stream.writableNeedDrain
    }
    check(direction)
  }

  async end(): Promise<void> {
    const direction = this.#writing
    this.#stream.end()
    while (!direction.isOver) await this.#change()
    check(direction)
  }

  destroy(reason: unknown): void {
    if (this.#reading.isOver && this.#writing.isOver) return
    this.#stream.destroy(reason === undefined || reason === null ? undefined : asError(reason))
  }

  async over(): Promise<void> {
    const [reading, writing] = [this.#reading, this.#writing]
    while (!(reading.isOver && writing.isOver) && !this.#isLetGo) await this.#change()
    check(writing)
    check(reading)
  }

  protected override released(loss?: Promise<unknown>): void {
    super.released(loss)
    this.#isLetGo = true
    this.#wake()
  }

  #take(): unknown[] {
    const batch = new Batch(this.#isBytes ? Infinity : undefined)
    while (!batch.isFull) {
      const chunk: unknown = this.#stream.read()
      if (chunk === null) break
      batch.add(chunk)
    }
    return batch.items
  }

  #watch(direction: Direction, event: string, options: { readable?: false; writable?: false }): void {
    direction.isOver = false
    const over = (error?: unknown): void => {
      if (!direction.isOver && error !== undefined && error !== null) direction.failure = { error }
      direction.isOver = true
      this.#wake()
    }
    this.#stream.on(event, () => over())
    finished(this.#stream, options, over)
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  readonly #wake = (): void => {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}

/** Streams fail with errors, whatever they were destroyed with elsewhere. */
export function asError(reason: unknown): Error {
  return isError(reason) ? reason : new Error(textOf(reason), { cause: reason })
}

function check({ failure }: Direction): void {
  if (failure !== undefined) throw failure.error
}

const ignore = (): void => undefined
