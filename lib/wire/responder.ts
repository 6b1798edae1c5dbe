import { inWords, textOf } from './in-words.js'
import type { Message, Outcome, Result } from './messages.js'
import { Refusal } from './refusal.js'

/**
 * The side of a connection that answers the requests of the other one. Each gets an answer: where that cannot cross,
 * the nearest one that can. Instead of a value that is the refusal that says why, instead of an error its text.
 */
export abstract class Responder {
  /** Throws a Refusal when the message cannot cross; one that tells a refusal always can. */
  abstract send(message: Message, ordered: boolean): void

  /** Answers a request with a value; one that cannot cross is refused. `ordered`: after the invocations before it. */
  answer(id: number, value: unknown, ordered = false): void {
    void this.reply({ type: 'result', id, value }, ordered)
  }

  /** Answers with a value; where that cannot cross, why. */
  reply(result: Result, ordered: boolean): Refusal | undefined {
    try {
      this.send(result, ordered)
      return undefined
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      this.refuse(result.id, error, ordered)
      return error
    }
  }

  /** Answers a request with what its function threw. */
  fail(id: number, error: unknown, ordered = false): void {
    if (error instanceof Refusal) return this.refuse(id, error, ordered)
    try {
      this.send({ type: 'failure', id, error }, ordered)
    } catch {
      // A thrown value that cannot cross is told by its text.
      this.send({ type: 'failure', id, error: new Error(textOf(error)) }, ordered)
    }
  }

  refuse(id: number, refusal: Refusal, ordered = false): void {
    this.send({ type: 'refused', id, code: refusal.code, details: refusal.details }, ordered)
  }

  /** Tells what became of a step of a script; what cannot cross is refused. */
  tell(outcome: Outcome, ordered: boolean): void {
    try {
      this.send(outcome, ordered)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      this.tell(insteadOf(outcome, error), ordered)
    }
  }
}

/** What is told of an outcome that cannot cross. In the end, in words: those always can. */
function insteadOf({ value, ...outcome }: Outcome, refusal: Refusal): Outcome {
  switch (outcome.state) {
    case 'value':
      return {
        ...outcome,
        state: 'refused',
        value: { code: refusal.code, details: refusal.details },
        copied: true
      }
    case 'failed':
      return { ...outcome, value: new Error(textOf(value)) }
    case 'refused': {
      const { code, details } = value as Refusal
      return { ...outcome, value: { code, details: inWords(details) } }
    }
  }
}
