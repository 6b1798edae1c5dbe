import { AnswerRows } from './answer-rows.js'
import type { ConnectionOwner } from './connection-owner.js'
import type { Invoke, Request } from './messages.js'
import type { RequestSink } from './pending.js'
import { UNANSWERED_LIMIT } from './protocol-limits.js'
import { Refusal, type RefusalCode } from './refusal.js'

/**
 * Beyond this many bytes that the other side does not take, invocations are refused: a synchronous loop of callbacks
 * cannot be made to wait.
 */
export const UNSENT_LIMIT = 64 * 1024 * 1024

/** What it needs of a Connection. */
export interface InvocationLine {
  readonly isOpen: boolean
  readonly limits: { readonly maxBytes: number }
  readonly unsentOrderedBytes: number
  sendInvocation(id: number, reference: number, parameters: unknown[], live: boolean): void
  request(request: Request, sink: RequestSink, ordered: boolean): number
}

/** Calls of functions that the other side has lent. */
export class Invocations {
  /** Invocations are refused, and it was said so, until the other side takes what waits. */
  congested = false
  /** Those that wait for their answer. */
  readonly rows: AnswerRows
  /** Those that wait and are not in a row. */
  private alone = 0
  private isSending = false
  /** The error for whoever called, when that was refused. */
  readonly errorOf = (refusal: Refusal): Error => this.owner.refusalOfInvocation?.(refusal) ?? refusal

  constructor(
    private readonly line: InvocationLine,
    private readonly owner: ConnectionOwner,
    /** Those that may wait. */
    private readonly most = UNANSWERED_LIMIT
  ) {
    this.rows = new AnswerRows(this.errorOf)
  }

  /** A stand-in is called: ask the other side to call what it stands for. A rejection counts as handled. */
  invoke(reference: number, parameters: unknown[], live: boolean): Promise<unknown> {
    const { line, rows } = this
    try {
      this.check()
      // By a getter among the parameters of another one, which may yet be refused, or be overtaken by this.
      if (this.isSending) {
        return this.invokeAlone({ type: 'invoke', id: 0, reference, parameters, live })
      }
      this.isSending = true
      try {
        line.sendInvocation(rows.nextId, reference, parameters, live)
      } finally {
        this.isSending = false
      }
      return rows.add()
    } catch (error) {
      if (error instanceof Refusal && line.isOpen) this.tellTrouble(error)
      return handled(Promise.reject(error instanceof Refusal ? this.errorOf(error) : error))
    }
  }

  /** Not in a row. */
  private invokeAlone(message: Invoke): Promise<unknown> {
    let sink: RequestSink | undefined
    const promise = new Promise((answered, failed) => {
      const refused = (code: RefusalCode, details: Record<string, unknown>): void =>
        failed(this.errorOf(new Refusal(code, details)))
      sink = { answered, failed, refused, lost: () => refused('REFERENCE_RELEASED', {}) }
    })
    this.line.request(message, sink as RequestSink, true)
    this.alone++
    const over = (): void => void this.alone--
    promise.then(over, over)
    return handled(promise)
  }

  /** One value of any allowed size, and what is small, may wait. */
  private check(): void {
    if (!this.line.isOpen) throw new Refusal('REFERENCE_RELEASED', {})
    // One that is being sent is not yet in its row.
    if (this.rows.size + this.alone + Number(this.isSending) >= this.most) {
      throw new Refusal('QUEUE_FULL', { limit: this.most, unit: 'calls' })
    }
    const limit = UNSENT_LIMIT + this.line.limits.maxBytes
    if (this.line.unsentOrderedBytes > limit) throw new Refusal('QUEUE_FULL', { limit, unit: 'bytes' })
  }

  /** A loop of callbacks that the other side does not take is told once, not a million times. */
  private tellTrouble(refusal: Refusal): void {
    if (refusal.code !== 'QUEUE_FULL') return this.owner.trouble(refusal)
    if (this.congested) return
    this.congested = true
    this.owner.trouble(refusal)
  }
}

function handled(promise: Promise<never> | Promise<unknown>): Promise<unknown> {
  promise.catch(() => undefined)
  return promise
}
