import type { RequestSink } from './pending.js'
import { Refusal, type RefusalCode } from './refusal.js'

/** The error for the caller of an invocation that was refused. */
export type RefusalError = (refusal: Refusal) => Error

/** Invocations in one row: a power of two. */
export const ROW_LENGTH = 256

/**
 * What has become of invocations that were sent one after the other. As a sink it is told of the next of them that the
 * other side comes to.
 */
export class AnswerRow implements RequestSink {
  /** Those that the other side has come to. */
  private told = 0
  /** By their places; undefined where one returned undefined. */
  private outcomes: unknown[] | undefined
  /** Promises that somebody waits for, by their places. */
  private awaited: (Answer | undefined)[] | undefined
  private isLost = false

  constructor(private readonly errorFor: RefusalError) {}

  /** Those that the other side can still come to. */
  get left(): number {
    return ROW_LENGTH - this.told
  }

  /** So many more of them have returned undefined. */
  returned(count: number): void {
    const { awaited, told } = this
    this.told += count
    if (awaited === undefined) return
    for (let place = told; place < this.told; place++) this.settle(place, undefined)
  }

  answered(value: unknown): void {
    this.settle(this.told++, value)
  }

  failed(error: unknown): void {
    this.answered(new Thrown(error))
  }

  refused(code: RefusalCode, details: Record<string, unknown>): void {
    this.failed(this.errorFor(new Refusal(code, details)))
  }

  /** Of the next one it will be told later what becomes of it. */
  postponed(): RequestSink {
    const place = this.told++
    this.keep(place, POSTPONED)
    return new LaterAnswer(this, place, this.errorFor)
  }

  /** Nothing comes any more of those that the other side has not come to. */
  lost(): void {
    this.isLost = true
    for (let place = this.told; place < ROW_LENGTH; place++) {
      if (this.awaited?.[place] !== undefined) this.settle(place, this.loss())
    }
  }

  /** What has become of the one at this place. */
  settle(place: number, outcome: unknown): void {
    if (outcome !== undefined || this.outcomes?.[place] !== undefined) this.keep(place, outcome)
    const answer = this.awaited?.[place]
    if (answer === undefined) return
    this.keepAwaited(place, undefined)
    answer.settle(outcome)
  }

  /** Somebody begins to wait for the promise of the one at this place. */
  wait(place: number, answer: Answer): void {
    const outcome = this.outcomes?.[place]
    if (place < this.told && outcome !== POSTPONED) answer.settle(outcome)
    else if (this.isLost && place >= this.told) answer.settle(this.loss())
    else this.keepAwaited(place, answer)
  }

  private keep(place: number, outcome: unknown): void {
    this.outcomes ??= []
    this.outcomes[place] = outcome
  }

  private keepAwaited(place: number, answer: Answer | undefined): void {
    this.awaited ??= []
    this.awaited[place] = answer
  }

  private loss(): Thrown {
    return new Thrown(this.errorFor(new Refusal('REFERENCE_RELEASED', {})))
  }
}

type Executor = (resolve: (value: unknown) => void) => void

/** Without its types, for which the call of `super` would be a promise that nobody waits for. */
const NativePromise: new (executor: Executor) => Pick<Promise<unknown>, 'catch'> = Promise

/**
 * The promise of one invocation. Functions are often called for effect, and a loop that calls makes many promises before
 * the first is answered: to keep them, and what resolves them, until then costs 400 ns each, nearly all of it to collect
 * them. This one is held by nobody until somebody waits for it, and costs 60 to 90 (Node 20). Whatever waits for a promise
 * (`await`, `then`, `Promise.all`) asks first for its `constructor`: then it makes itself known to its row.
 */
export class Answer extends NativePromise {
  readonly #place: number
  readonly #resolve: (value: unknown) => void
  #row: AnswerRow | undefined

  static {
    Object.defineProperty(this.prototype, 'constructor', { configurable: true, get: lookedAt })
  }

  constructor(row: AnswerRow, place: number) {
    super(keepResolve)
    this.#resolve = lastResolve
    this.#row = row
    this.#place = place
  }

  /** From now on it is told what becomes of the invocation. */
  static look(looked: object): void {
    if (!(#row in looked) || looked.#row === undefined) return
    const row = looked.#row
    looked.#row = undefined
    row.wait(looked.#place, looked)
  }

  /** A rejection counts as handled. */
  settle(outcome: unknown): void {
    if (!(outcome instanceof Thrown)) return this.#resolve(outcome)
    void this.catch(ignore)
    this.#resolve(Promise.reject(outcome.error))
  }
}

/** Promises that are made from it are ordinary ones. */
function lookedAt(this: object): PromiseConstructor {
  Answer.look(this)
  return Promise
}

/** Is told of one that has been postponed. */
class LaterAnswer implements RequestSink {
  constructor(
    private readonly row: AnswerRow,
    private readonly place: number,
    private readonly errorFor: RefusalError
  ) {}

  answered(value: unknown): void {
    this.row.settle(this.place, value)
  }

  failed(error: unknown): void {
    this.answered(new Thrown(error))
  }

  refused(code: RefusalCode, details: Record<string, unknown>): void {
    this.failed(this.errorFor(new Refusal(code, details)))
  }

  lost(): void {
    this.refused('REFERENCE_RELEASED', {})
  }
}

class Thrown {
  constructor(readonly error: unknown) {}
}

/** Stands for an outcome that is not known yet. */
const POSTPONED = Symbol('postponed')

const ignore = (): void => undefined
let lastResolve: (value: unknown) => void = ignore

/** One for all of them. */
function keepResolve(resolve: (value: unknown) => void): void {
  lastResolve = resolve
}
