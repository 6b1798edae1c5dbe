import type { Asker } from './compat-asker.js'
import type { Callback } from './compat-callbacks.js'
import type { CallRequest } from './compat-requests.js'
import { sentenceOf } from './compat-sentences.js'
import { errorFromRefusal } from './errors.js'
import type { RequestSink } from './wire/pending.js'
import { Refusal, type RefusalCode } from './wire/refusal.js'

/** The life of the space in which a call runs. */
export interface CallKeeper {
  /** The call is not in flight any more. */
  finished(): void
  /** Something is still owed to the call: `forsaken` is called when the space has ended. */
  keep(call: Call): void
  /** Nothing is. */
  drop(call: Call): void
}

/** Calls of which the space holds callbacks, told when it does not any more. */
const released = new FinalizationRegistry<Call>((call) => call.callbackReleased())

/**
 * One call, and what of it its asker is told: each time a callback is called, a failure, and the result if there are
 * no callbacks or a promise was announced.
 */
export class Call implements RequestSink {
  /** Those that the space holds. */
  private callbacks = 0
  private hasCallbacks = false
  private called = false

  constructor(
    private readonly asker: Asker<CallRequest>,
    private readonly promise: boolean,
    private readonly keeper: CallKeeper
  ) {}

  /** A function for the space to call. */
  readonly makeCallback = (): Callback => {
    const callback: Callback = (...received) => {
      this.called = true
      this.keeper.drop(this)
      this.asker.tell(received)
    }
    this.hasCallbacks = true
    this.callbacks++
    released.register(callback, this)
    return callback
  }

  /** Whether it is told what the function returns; known once the callbacks are made. */
  get wantsResult(): boolean {
    return !this.hasCallbacks || this.promise
  }

  callbackReleased(): void {
    if (--this.callbacks === 0) this.keeper.drop(this)
  }

  answered(value: unknown): void {
    this.keeper.finished()
    if (this.wantsResult) this.asker.tell(value)
    else if (!this.called && this.callbacks > 0) this.keeper.keep(this)
  }

  failed(error: unknown): void {
    this.keeper.finished()
    this.asker.tellFailure(error)
  }

  refused(code: RefusalCode, details: Record<string, unknown>): void {
    if (code === 'FUNCTION_NOT_FOUND' || code === 'PACKAGE_NOT_ADDED') {
      return this.refuse(sentenceOf(new Refusal(code, details)))
    }
    // It was executed, and what came of it cannot cross.
    this.failed(errorFromRefusal(code, details))
  }

  lost(): void {
    this.keeper.finished()
    this.keeper.keep(this)
  }

  /** The space ended, and what comes after it has begun. */
  forsaken(sentence: string): void {
    this.asker.refuse(sentence)
  }

  /** It was not executed. */
  refuse(sentence: string): void {
    this.keeper.finished()
    this.asker.refuse(sentence)
  }
}
