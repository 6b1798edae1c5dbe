import { ProtocolViolation } from './byte-reader.js'
import { Iterated } from './iterated.js'
import { neverSeen } from './never-seen.js'

/** The proxy of an IteratorSource. */
interface RemoteSource {
  pull(count: number): PromiseLike<unknown>
  end(): PromiseLike<void>
}

/** A batch of items that was asked for. */
interface Coming {
  readonly count: number
  readonly batch: Promise<unknown>
}

/** Items in the first batch. */
const FIRST_COUNT = 16
/** Items that may be on their way, beside the batch that is used: twice as many with each, up to so many. */
const WINDOW = 256
/** In so many batches, so that the other process makes one while another travels and a third is used. */
const AHEAD = 2

/**
 * Iterates over what is in the other process, in batches: while one is used the next are on their way, and no more, so
 * that a slow consumer slows down the producer.
 */
export class RemoteIterator implements AsyncIterableIterator<unknown> {
  private items: readonly unknown[] = []
  private place = 0
  private window = FIRST_COUNT
  private readonly coming: Coming[] = []
  private readonly source: Promise<RemoteSource>
  private state: 'open' | 'last' | 'over' = 'open'
  /** Those who wait for a batch, and until the last of them has its item, so that they get theirs in order. */
  private waiting = 0
  private turn: Promise<unknown> = nothing

  /** `chain` makes the source there; `release` lets go of it. */
  constructor(
    chain: object,
    private readonly release: (source: object) => void
  ) {
    const source = chain as RemoteSource & PromiseLike<RemoteSource>
    // The first items come with the source itself.
    this.ask(source, FIRST_COUNT)
    this.source = new Promise((resolve, reject) => {
      source.then(resolve, reject)
    })
    this.source.catch(ignore)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<unknown>> {
    if (this.waiting === 0 && this.place < this.items.length) {
      return Promise.resolve({ done: false, value: this.items[this.place++] })
    }
    this.waiting++
    const next = this.turn.then(this.nextItem)
    this.turn = next.then(ignore, ignore)
    return next
  }

  async return(value?: unknown): Promise<IteratorResult<unknown>> {
    const isOpen = this.state === 'open'
    if (isOpen) await (await this.source).end()
    if (this.state !== 'over') this.finish()
    return { done: true, value }
  }

  private readonly nextItem = async (): Promise<IteratorResult<unknown>> => {
    try {
      while (this.place === this.items.length) {
        if (this.state !== 'open') {
          this.finish()
          return { done: true, value: undefined }
        }
        if (!(await this.nextBatch())) return { done: true, value: undefined }
      }
      return { done: false, value: this.items[this.place++] }
    } finally {
      this.waiting--
    }
  }

  /** False when it was over before the batch was there. */
  private async nextBatch(): Promise<boolean> {
    const { count, batch } = this.coming.shift() as Coming
    try {
      const iterated = await batch
      if (this.isOver) return false
      if (!(iterated instanceof Iterated)) throw new ProtocolViolation('no items of an iterator')
      this.items = iterated.items
      this.place = 0
      if (iterated.done) this.state = 'last'
      else this.askAhead(await this.source, iterated.items.length >= count)
      return true
    } catch (error) {
      // It may have failed on its way: there it goes on.
      this.source.then((source) => source.end()).catch(ignore)
      this.finish()
      throw error
    }
  }

  /** One that has fewer items than it could have is waited for by one request: it would have nothing for a second. */
  private askAhead(source: RemoteSource, wasFull: boolean): void {
    this.window = Math.min(this.window * 2, WINDOW)
    while (this.coming.length < (wasFull ? AHEAD : 1)) this.ask(source, this.window / AHEAD)
  }

  private ask(source: RemoteSource, count: number): void {
    const batch = Promise.resolve(source.pull(count))
    batch.catch(ignore)
    this.coming.push({ count, batch })
  }

  private get isOver(): boolean {
    return this.state === 'over'
  }

  private finish(): void {
    this.state = 'over'
    neverSeen(this.items.slice(this.place))
    for (const { batch } of this.coming) batch.then(neverSeen, ignore)
    this.items = []
    this.place = 0
    // A hostile process may give anything for a source.
    this.source.then(this.release).catch(ignore)
  }
}

const nothing = Promise.resolve()
const ignore = (): void => undefined
