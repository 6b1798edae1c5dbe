import { types } from 'node:util'
import { Batch } from './batch.js'
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
  #failure: { error: unknown } | undefined

  /** Throws a TypeError when the value cannot be iterated over. */
  constructor(value: unknown) {
    const iterable = Object(value) as Partial<Iterable<unknown> & AsyncIterable<unknown>>
    const begin = iterable[Symbol.asyncIterator] ?? iterable[Symbol.iterator]
    if (typeof begin !== 'function') throw new TypeError('it is not iterable')
    this.#iterable = iterable
    this.#isAsync = iterable[Symbol.asyncIterator] !== undefined
    this.#iterator = Reflect.apply(begin, value, []) as Iterator<unknown>
    const { next } = Object(this.#iterator) as Partial<Iterator<unknown>>
    if (typeof next !== 'function') throw new TypeError('its iterator has no function "next"')
  }

  /** The next items, at most so many; at least one but at the end. */
  pull(count: number): unknown {
    return this.#isAsync ? this.#pullLater(count) : this.#pullNow(count)
  }

  /** Ends it before its time. */
  async end(): Promise<void> {
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
    const end = performance.now() + GATHER
    try {
      for (;;) {
        const next = (this.#iterator as Iterator<unknown, unknown>).next()
        if (!isObject(next)) throw noResult(next)
        const { done, value } = next
        if (done === true) return settle(items, true)
        batch.add(value)
        if (batch.isFull || (isTimeToLook(items.length) && performance.now() > end)) {
          return settle(items, false)
        }
      }
    } catch (error) {
      return this.#failed(items, error)
    }
  }

  async #pullLater(count: number): Promise<{ items: unknown[]; done: boolean }> {
    this.#throwFailure()
    const batch = new Batch(count)
    const { items } = batch
    const end = performance.now() + GATHER
    try {
      for (;;) {
        // Some answer at once.
        this.#coming ??= Promise.resolve((this.#iterator as AsyncIterator<unknown>).next())
        const result = items.length === 0 ? await this.#coming : await soon(this.#coming)
        if (result === undefined && items.length > 0) return { items, done: false }
        this.#coming = undefined
        if (!isObject(result)) throw noResult(result)
        if (result.done === true) return { items, done: true }
        batch.add(result.value)
        if (batch.isFull || performance.now() > end) return { items, done: false }
      }
    } catch (error) {
      this.#coming = undefined
      return this.#failed(items, error)
    }
  }

  /** What came before a failure is told first. */
  #failed(items: unknown[], error: unknown): { items: unknown[]; done: boolean } {
    if (items.length === 0) throw error
    this.#failure = { error }
    return { items, done: false }
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
  if (!items.some(types.isPromise)) return { items, done }
  return Promise.all(items).then((settled) => ({ items: settled, done }))
}

const ignore = (): void => undefined
