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
    const sink = this.take(id)
    if (sink.isScript === true) this.undo(id, sink, new ProtocolViolation('a result of a script'))
    try {
      sink.answered(value)
    } catch (error) {
      this.undo(id, sink, error)
    }
  }

  failure({ id, error }: Failure): void {
    const sink = this.take(id)
    if (sink.isScript === true) this.undo(id, sink, new ProtocolViolation('a failure of a script'))
    try {
      sink.failed(error)
    } catch (trouble) {
      this.undo(id, sink, trouble)
    }
  }

  /** A script as well may be refused as a whole. */
  refused({ id, code, details }: Refused): void {
    const sink = this.take(id)
    try {
      sink.refused(code, details)
    } catch (error) {
      this.undo(id, sink, error)
    }
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
    if (sink.outcome === undefined || sink.isScript === false) {
      throw new ProtocolViolation('an outcome of what is no script')
    }
    if (outcome.last) this.pending.take(outcome.id)
    try {
      sink.outcome(outcome)
    } catch (error) {
      if (outcome.last) this.undo(outcome.id, sink, error)
      throw error
    }
  }

  /** What came was no answer, which ends the connection: who waited for one hears, as all others do, that it is lost. */
  private undo(id: number, sink: RequestSink, trouble: unknown): never {
    if (id >= 0) this.pending.restore(sink)
    else sink.lost()
    throw trouble
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
