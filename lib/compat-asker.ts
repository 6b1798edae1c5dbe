import type { AddRequest, CallRequest, RequestCallback } from './compat-requests.js'
import { DESTROYED } from './compat-sentences.js'
import { describe, describeThrown, quote } from './describe.js'

/** Whoever made a request, told what became of it as often as there is news. Without a callback nobody hears of it. */
export class Asker<Request extends AddRequest | CallRequest> {
  constructor(
    readonly request: Request,
    private readonly callback: RequestCallback<Request> | null
  ) {}

  /** Found and executed, and this came of it. */
  tell(response: unknown): void {
    this.callBack(true, response)
  }

  /** Executed, and it failed with this. A failure that nobody hears of is a warning of the process. */
  tellFailure(error: unknown): void {
    this.callBack(true, error)
    if (this.callback === null) this.warn(describeThrown(error))
  }

  /** Not executed, or not to its end. That a space is destroyed is no surprise to warn of. */
  refuse(sentence: string): void {
    this.callBack(false, sentence)
    if (this.callback === null && sentence !== DESTROYED) this.warn(sentence)
  }

  private callBack(status: boolean, response: unknown): void {
    try {
      this.callback?.(this.request, status, response)
    } catch (error) {
      // It is called from within the connection, which must not suffer from it.
      queueMicrotask(() => {
        throw error
      })
    }
  }

  private warn(problem: string): void {
    const { type, package: name } = this.request
    const shown = typeof name === 'string' ? quote(name) : describe(name)
    process.emitWarning(`${type}(${shown}, …) failed, and it has no callback: ${problem}`, 'SpacePoolWarning')
  }
}
