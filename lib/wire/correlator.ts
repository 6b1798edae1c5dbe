import type { AnswerRows } from './answer-rows.js'
import { ProtocolViolation } from './byte-reader.js'
import type { Begun, Failure, Outcome, Refused, Result } from './messages.js'
import type { Pending, RequestSink } from './pending.js'
import type { LentThings } from './references.js'
import { isThenable } from './thenable.js'

/**
 * Correlates the answers of the other side with the requests of this one: finds by the id who waits, and tells it. An
 * answer that nobody waits for, or that an honest side would not give, is a violation. `functions`: how many of them,
 * or of other things that stay where they are, the answer holds.
 */
export class Correlator {
  constructor(
    private readonly pending: Pending,
    private readonly rows: AnswerRows,
    private readonly lent: Pick<LentThings, 'hasLive'>
  ) {}

  result({ id, value }: Result, functions: number): void {
    if (functions > 0) this.checkSettled(value)
    this.take(id).answered(value)
  }

  failure({ id, error }: Failure): void {
    this.take(id).failed(error)
  }

  refused({ id, code, details }: Refused): void {
    this.take(id).refused(code, details)
  }

  /** The answer to many invocations, or what there is of it until now. */
  begun({ id, count, areLater }: Begun): void {
    this.rows.begun(id, count, areLater)
  }

  /** The answer to a step of a script. The last one ends the wait. */
  outcome(outcome: Outcome, functions: number): void {
    // A promise that rejects with a thenable does not ask it.
    if (functions > 0 && outcome.state === 'value') this.checkSettled(outcome.value)
    const sink = this.pending.get(outcome.id)
    // Before it is taken: who waits for something else still has to hear that it is lost.
    if (sink.outcome === undefined) throw new ProtocolViolation('an outcome of what is no script')
    if (outcome.last) this.pending.take(outcome.id)
    try {
      sink.outcome(outcome)
    } catch (error) {
      if (outcome.last && error instanceof ProtocolViolation) this.pending.restore(outcome.id, sink)
      throw error
    }
  }

  private take(id: number): RequestSink {
    return id >= 0 ? this.pending.take(id) : this.rows.take(id)
  }

  /**
   * A promise resolved with a thenable would ask it, and might wait for ever. An honest side has waited itself; only what
   * is this side's own, and comes home, may be one.
   */
  private checkSettled(value: unknown): void {
    if (!this.lent.hasLive(value) && isThenable(value)) {
      throw new ProtocolViolation('a value to be waited for')
    }
  }
}
