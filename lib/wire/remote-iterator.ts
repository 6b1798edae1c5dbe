import { neverSeen } from './never-seen.js'

/** What an iterator of the other process answers: the next items, and whether these were the last. */
interface Batch {
  readonly items: readonly unknown[]
  readonly done: boolean
}

/** The proxy of an IteratorSource. */
interface RemoteSource {
  pull(count: number): PromiseLike<Batch>
  end(): PromiseLike<void>
}

/** Items asked for at first; twice as many each time after that, up to the most. */
const FIRST_COUNT = 16
const MOST = 256

/**
 * Iterates over what is in the other process, in batches: while one is used, the next is on its way, and no more, so
 * that a slow consumer slows down the producer.
 */
export class RemoteIterator implements AsyncIterableIterator<unknown> {
  private count = FIRST_COUNT
  private items: readonly unknown[] = []
  private place = 0
  private readonly source: Promise<RemoteSource>
  private coming: Promise<Batch>
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
    this.coming = this.pull(source)
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
      return await this.nextBatch()
    } finally {
      this.waiting--
    }
  }

  private async nextBatch(): Promise<IteratorResult<unknown>> {
    while (this.place === this.items.length) {
      if (this.state !== 'open') {
        this.finish()
        return { done: true, value: undefined }
      }
      try {
        const { items, done } = await this.coming
        if (this.isOver) return { done: true, value: undefined }
        this.items = items
        this.place = 0
        if (done) this.state = 'last'
        else this.coming = this.pull(await this.source)
      } catch (error) {
        // It may have failed on its way: there it goes on.
        this.source.then((source) => source.end().then(ignore, ignore), ignore)
        this.finish()
        throw error
      }
    }
    return { done: false, value: this.items[this.place++] }
  }

  private get isOver(): boolean {
    return this.state === 'over'
  }

  private pull(source: RemoteSource): Promise<Batch> {
    const coming = Promise.resolve(source.pull(this.count))
    coming.catch(ignore)
    this.count = Math.min(this.count * 2, MOST)
    return coming
  }

  private finish(): void {
    this.state = 'over'
    neverSeen(this.items.slice(this.place))
    this.coming.then(neverSeen, ignore)
    this.items = []
    this.place = 0
    this.source.then(this.release, ignore)
  }
}

const nothing = Promise.resolve()
const ignore = (): void => undefined
