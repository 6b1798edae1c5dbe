import { released } from './abort-signals.js'
import { ProtocolViolation } from './byte-reader.js'
import { now } from './clock.js'
import { Refusal } from './refusal.js'

interface Lent {
  readonly lent: Function
  /** How often it was sent; the other side says with a release how often it had arrived. */
  count: number
}

/** ms after which the other side is asked again where as many functions as may be are lent. */
const ASK_AGAIN = 100

/** The functions of this side that the other one may call. */
export class LentFunctions {
  private readonly byReference = new Map<number, Lent>()
  private readonly references = new Map<Function, number>()
  private next = 0
  /** Until so many are lent, the other side is not asked again: it may really hold more than half of the limit. */
  private patience = 0
  private askedAt = -Infinity

  constructor(
    readonly limit: () => number,
    /**
     * Called when half of the limit is reached, and again after each further eighth: time to ask the other side to
     * forget what it does not hold. Called when the message that holds the function has been written. Called also when
     * a function is refused, though not all the time: what it held when it was last asked may have been dropped since.
     */
    private readonly crowded: () => void,
    private readonly clock: () => number = now
  ) {}

  get size(): number {
    return this.byReference.size
  }

  /** The reference under which the other side knows this function. Throws a Refusal beyond the limit. */
  lend(lent: Function): number {
    const known = this.references.get(lent)
    if (known !== undefined) {
      ;(this.byReference.get(known) as Lent).count++
      return known
    }
    if (this.size >= this.limit()) {
      if (this.clock() - this.askedAt >= ASK_AGAIN) this.callCrowded()
      throw new Refusal('TOO_MANY_CALLBACKS', { limit: this.limit() })
    }
    const reference = this.next++
    this.byReference.set(reference, { lent, count: 1 })
    this.references.set(lent, reference)
    if (this.size > Math.max(this.limit() / 2, this.patience)) this.callCrowded()
    return reference
  }

  get(reference: number): Function {
    const entry = this.byReference.get(reference)
    if (entry === undefined) throw new ProtocolViolation('a call of a function that was not lent')
    return entry.lent
  }

  /** The other side dropped what had arrived so many times; if it was sent again meanwhile it stays lent. */
  release(reference: number, count: number): void {
    const entry = this.byReference.get(reference)
    if (entry === undefined || count > entry.count) {
      throw new ProtocolViolation('a release of what was not lent')
    }
    entry.count -= count
    if (entry.count > 0) return
    this.byReference.delete(reference)
    this.references.delete(entry.lent)
    ;(entry.lent as { [released]?: () => void })[released]?.()
    this.patience = Math.min(this.patience, this.size + this.limit() / 8)
  }

  clear(): void {
    for (const { lent } of this.byReference.values()) (lent as { [released]?: () => void })[released]?.()
    this.byReference.clear()
    this.references.clear()
  }

  private callCrowded(): void {
    this.patience = this.size + this.limit() / 8
    this.askedAt = this.clock()
    queueMicrotask(this.crowded)
  }
}

interface Borrowed {
  readonly stand: WeakRef<Function>
  arrivals: number
}

/** Stand-ins for functions of the other side. One that nobody holds any more is released when it is collected. */
export class BorrowedFunctions {
  private readonly byReference = new Map<number, Borrowed>()
  private readonly collected = new FinalizationRegistry<number>((reference) => this.drop(reference))

  constructor(
    private readonly invoke: (reference: number, parameters: unknown[]) => Promise<unknown>,
    private readonly release: (reference: number, count: number) => void,
    /** The lender keeps to it as well, and counts what it lent for longer. */
    private readonly limit: () => number
  ) {}

  /** The same stand-in for the same reference, as long as somebody holds it. */
  borrow(reference: number, length: number, name: string): Function {
    const known = this.byReference.get(reference)
    const held = known?.stand.deref()
    if (known !== undefined && held !== undefined) {
      known.arrivals++
      return held
    }
    if (known === undefined && this.byReference.size >= this.limit()) {
      throw new ProtocolViolation('more functions than may be lent')
    }
    const stand = (...parameters: unknown[]): Promise<unknown> => this.invoke(reference, parameters)
    Object.defineProperty(stand, 'length', { value: length, configurable: true })
    Object.defineProperty(stand, 'name', { value: name, configurable: true })
    this.byReference.set(reference, { stand: new WeakRef(stand), arrivals: (known?.arrivals ?? 0) + 1 })
    this.collected.register(stand, reference)
    return stand
  }

  private drop(reference: number): void {
    const entry = this.byReference.get(reference)
    if (entry === undefined || entry.stand.deref() !== undefined) return
    this.byReference.delete(reference)
    this.release(reference, entry.arrivals)
  }
}
