import { abortSignalsIn } from '../lib/wire/abort-signals.js'
import type { Connection } from '../lib/wire/connection.js'
import { Refusal } from '../lib/wire/refusal.js'
import type { ScriptRun } from '../lib/wire/script-run.js'

const NOTHING: readonly unknown[] = []

/** The requests that have begun and are not answered in full. One that is cancelled leaves, and its result is dropped. */
export class RunningRequests {
  /** The one that runs now. Outside of it, one that was broken off by an interrupt and never came back. */
  current: number | undefined
  /** Those whose promise has not settled, with parameters that may hold signals. */
  private readonly promised = new Map<number, readonly unknown[]>()
  private readonly scripts = new Map<number, ScriptRun>()

  constructor(private readonly connection: Pick<Connection, 'answer' | 'fail' | 'refuse'>) {}

  /** Answers with what a promise settles with. */
  track(id: number, promise: unknown, ordered: boolean, parameters = NOTHING): void {
    this.promised.set(id, parameters)
    void Promise.resolve(promise).then(
      (value) => {
        if (this.promised.delete(id)) this.connection.answer(id, value, ordered)
      },
      (error: unknown) => {
        if (this.promised.delete(id)) this.connection.fail(id, error, ordered)
      }
    )
  }

  /** A script that goes on later. */
  keep(id: number, run: ScriptRun): void {
    this.scripts.set(id, run)
  }

  /** A script has been answered in full. */
  scriptIsOver(id: number): void {
    this.scripts.delete(id)
  }

  /** Nobody waits for this request any more. */
  cancel(id: number): void {
    const script = this.scripts.get(id)
    if (script !== undefined) script.isCanceled = true
    const brokenOff = id === this.current
    if (brokenOff) this.current = undefined
    const parameters = this.promised.get(id) ?? script?.parameters
    if (!this.promised.delete(id) && !this.scripts.delete(id) && !brokenOff) return
    // Not before the microtasks of this turn: what came in one read with it may block the space in them. And a signal
    // that the host aborts as well is on its way, with its own reason.
    setImmediate(() => {
      this.connection.refuse(id, new Refusal('CANCELED', {}))
      if (parameters !== undefined) abortSignalsIn(parameters, canceled())
    })
  }
}

/** What signals among the parameters of a call are aborted with. */
function canceled(): DOMException {
  return new DOMException('nobody waits for this call any more', 'AbortError')
}
