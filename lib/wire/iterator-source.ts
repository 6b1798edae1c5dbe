import { types } from 'node:util'
import { Batch } from './batch.js'
import { Iterated } from './iterated.js'
import { textOf } from './in-words.js'
import { soon } from './soon.js'
import { canBeRead } from './stream-kinds.js'

/** ms that a batch of items is gathered for: what is there then is on its way. */
const GATHER = 2

/** Iterates here for a RemoteIterator of the other process, which asks for the next items when it wants them. */
export class IteratorSource {
  readonly #iterable: object
  readonly #iterator: Iterator<unknown> | AsyncIterator<unknown>
  readonly #isAsync: boolean
  /** The next item of an asynchronous iterator, asked for and not there when the last batch left. */
  #coming: Promise<IteratorResult<unknown>> | undefined
  /** The batch that an asynchronous iterator makes. */
  #gathering: Promise<true> | undefined
  #failure: { error: unknown } | undefined
  #isOver = false
  readonly #clock: () => number

  /** Throws a TypeError when the value cannot be iterated over. */
  constructor(value: unknown, clock = () => performance.now()) {
    this.#clock = clock
    const iterable = Object(value) as Partial<Iterable<unknown> & AsyncIterable<unknown>>
    const begin = iterable[Symbol.asyncIterator] ?? iterable[Symbol.iterator]
    if (typeof begin !== 'function') throw new TypeError('it is not iterable')
    this.#iterable = iterable
    this.#isAsync = iterable[Symbol.asyncIterator] !== undefined
    this.#iterator = Reflect.apply(begin, value, []) as Iterator<unknown>
    const { next } = Object(this.#iterator) as Partial<Iterator<unknown>>
    if (typeof next !== 'function') throw new TypeError('its iterator has no function "next"')
  }

  /** The next items, at most so many; at least one but at the end, or where the batch before is waited for. */
  pull(count: number): unknown {
    return this.#isAsync ? this.#pullLater(count) : this.#pullNow(count)
  }

  /** Ends it before its time. */
  async end(): Promise<void> {
    this.#isOver = true
    const ending = this.#iterator.return?.()
    if (this.#coming === undefined) return void (await ending)
    // A generator that waits for its next item ends when that has come; nobody should have to wait for it.
    Promise.resolve(ending).catch(ignore)
    if (canBeRead(this.#iterable)) this.#iterable.destroy()
  }

  #pullNow(count: number): unknown {
    this.#throwFailure()
    const batch = new Batch(count)
    const { items } = batch
    if (this.#isOver) return new Iterated(items, true)
    const iterator = this.#iterator as Iterator<unknown, unknown>
    const end = this.#clock() + GATHER
    try {
      for (;;) {
        const next = iterator.next()
        if (!isObject(next)) throw noResult(next)
        const { done, value } = next
        if (done === true) return settle(items, (this.#isOver = true))
        batch.add(value)
        if (batch.isFull || (isTimeToLook(items.length) && this.#clock() > end)) {
          return settle(items, false)
        }
      }
    } catch (error) {
      return this.#failed(items, error)
    }
  }

  /** A batch is asked for while the one before is waited for as well: it has nothing until then. */
  async #pullLater(count: number): Promise<Iterated> {
    while (this.#gathering !== undefined) {
      if ((await soon(this.#gathering)) === undefined) return new Iterated([], false)
    }
    this.#throwFailure()
    if (this.#isOver) return new Iterated([], true)
    const gathered = this.#gather(count)
    this.#gathering = gathered.then(yes, yes)
    try {
      return await gathered
    } finally {
      this.#gathering = undefined
    }
  }

  async #gather(count: number): Promise<Iterated> {
    const batch = new Batch(count)
    const { items } = batch
    const end = this.#clock() + GATHER
    try {
      for (;;) {
        // Some answer at once.
        this.#coming ??= Promise.resolve((this.#iterator as AsyncIterator<unknown>).next())
        const result = items.length === 0 ? await this.#coming : await soon(this.#coming)
        if (result === undefined && items.length > 0) return new Iterated(items, false)
        this.#coming = undefined
        if (!isObject(result)) throw noResult(result)
        if (result.done === true) return new Iterated(items, (this.#isOver = true))
        batch.add(result.value)
        if (batch.isFull || this.#clock() > end) return new Iterated(items, false)
      }
    } catch (error) {
      this.#coming = undefined
      return this.#failed(items, error)
    }
  }

  /** What came before a failure is told first. */
  #failed(items: unknown[], error: unknown): Iterated {
    this.#failure = { error }
    if (items.length === 0) throw error
    return new Iterated(items, false)
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error
  }
}

function isObject(result: unknown): result is object {
  return typeof result === 'object' && result !== null
}

/** For a result that is none JavaScript does not go on: it would do so for ever. */
function noResult(result: unknown): TypeError {
  return new TypeError(`Iterator result ${textOf(result)} is not an object`)
}

/** The clock is read for each item at first, and for one in so many later: it costs as much as an item. */
function isTimeToLook(count: number): boolean {
  return count <= LOOK_EVERY || count % LOOK_EVERY === 0
}

const LOOK_EVERY = 16

/** Promises among the items of what is iterated over at once are awaited, as `for await` does. */
function settle(items: unknown[], done: boolean): unknown {
  if (!items.some(isPromise)) return new Iterated(items, done)
  return Promise.all(items).then((settled) => new Iterated(settled, done))
}

/** Most items are known for none without a look into what the engine alone knows. */
function isPromise(item: unknown): boolean {
  return typeof item === 'object' && item !== null && !Array.isArray(item) && types.isPromise(item)
}

const yes = (): true => true
const ignore = (): void => undefined
