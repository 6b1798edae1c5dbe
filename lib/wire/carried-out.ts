import { idAfter } from './answer-rows.js'
import { ProtocolViolation } from './byte-reader.js'
import type { ConnectionOwner } from './connection-owner.js'
import type { Message, Result } from './messages.js'
import { UNANSWERED_LIMIT } from './protocol-limits.js'
import type { Lent } from './references.js'
import type { Refusal } from './refusal.js'
import { isThenable, settled } from './thenable.js'

/** What it needs of a Connection. */
export interface AnswerLine {
  readonly isOpen: boolean
  send(message: Message, ordered: boolean): void
  /** Answers with a value; where that cannot cross, why. */
  reply(result: Result, ordered: boolean): Refusal | undefined
  fail(id: number, error: unknown, ordered: boolean): void
}

/**
 * Carries out what the other side invokes, and answers. Of the invocations of one batch that return undefined it is told
 * together: to answer each took as long as to carry it out.
 */
export class CarriedOut {
  /** Those of which the other side was not told: so many in a row, from this one on. */
  private count = 0
  private first = 0
  private areLater = false
  /** Behind them, those that have returned a promise. */
  private laters: Later[] = []
  /** Those that have returned a promise which has not settled. */
  private unsettled = 0
  /** The one that runs. Outside of it, one that an interrupt has broken off. */
  private current: number | undefined

  constructor(
    private readonly line: AnswerLine,
    private readonly owner: ConnectionOwner,
    /** Promises at most that the other side may wait for. It keeps to that itself. */
    private readonly most = UNANSWERED_LIMIT
  ) {}

  /** The other side calls a function of this one. */
  carryOut(id: number, { lent, live, scope }: Lent, parameters: unknown[]): void {
    if (typeof lent !== 'function') throw new ProtocolViolation('a call of what is no function')
    this.owner.invoked()
    if (this.current !== undefined) this.begun(this.current, true)
    this.current = id
    let result: unknown
    let isLater: boolean
    try {
      result =
        scope === undefined
          ? Reflect.apply(lent, undefined, parameters)
          : scope.runInAsyncScope(lent as () => unknown, undefined, ...parameters)
      isLater = isThenable(result)
    } catch (error) {
      this.current = undefined
      return this.failed(id, error)
    }
    this.current = undefined
    if (isLater) this.postpone(new Later(id, live, result, this))
    else if (result === undefined && id < 0) this.returnedNothing(id)
    else this.returned(id, result, live)
  }

  /** The batch is over. What will be there at the end of the tick is waited for, since that makes one answer of many. */
  batchOver(): void {
    if (this.laters.length === 0) return this.tell()
    void nothing.then(() => process.nextTick(() => this.tell()))
  }

  /** Tells the other side what it was not told, before anything that must not overtake that. */
  tell(): void {
    if (this.laters.length > 0) {
      const { laters } = this
      this.laters = []
      for (const later of laters) later.tell()
    }
    this.tellBegun()
  }

  /** Of those in a row the other side is told together. */
  begun(id: number, isLater: boolean): void {
    if (id >= 0) return
    const { count } = this
    if (count > 0 && (isLater !== this.areLater || id !== idAfter(this.first, count))) this.tellBegun()
    if (this.count++ > 0) return
    this.first = id
    this.areLater = isLater
  }

  returned(id: number, value: unknown, live: boolean): void {
    const refusal = this.line.reply({ type: 'result', id, value, live }, true)
    if (refusal !== undefined) this.owner.callbackFailed(refusal)
  }

  failed(id: number, error: unknown): void {
    this.line.fail(id, error, true)
    if (this.line.isOpen) this.owner.callbackFailed(error)
  }

  /** The promise of one has settled. */
  settled(): void {
    this.unsettled--
  }

  private postpone(later: Later): void {
    if (++this.unsettled > this.most) throw new ProtocolViolation('too many calls that wait for an answer')
    this.laters.push(later)
  }

  private returnedNothing(id: number): void {
    if (this.laters.length > 0) this.tell()
    this.begun(id, false)
  }

  private tellBegun(): void {
    const { first: id, count, areLater } = this
    if (count === 0) return
    this.count = 0
    this.line.send({ type: 'begun', id, count, areLater }, true)
  }
}

/** An invocation that has returned a promise. */
class Later {
  private state: 'waits' | 'returned' | 'failed' = 'waits'
  private value: unknown
  private isTold = false

  constructor(
    private readonly id: number,
    private readonly live: boolean,
    promise: unknown,
    private readonly all: CarriedOut
  ) {
    void settled(promise).then(
      (value) => this.settle('returned', value),
      (error: unknown) => this.settle('failed', error)
    )
  }

  /** It is its turn. */
  tell(): void {
    this.isTold = true
    const hasReturnedNothing = this.state === 'returned' && this.value === undefined && this.id < 0
    if (this.state === 'waits' || hasReturnedNothing) this.all.begun(this.id, !hasReturnedNothing)
    else this.answer()
  }

  private settle(state: 'returned' | 'failed', value: unknown): void {
    this.state = state
    this.value = value
    this.all.settled()
    if (this.isTold) this.answer()
  }

  private answer(): void {
    if (this.state === 'failed') this.all.failed(this.id, this.value)
    else this.all.returned(this.id, this.value, this.live)
  }
}

const nothing = Promise.resolve()
