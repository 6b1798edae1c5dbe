import { Reference, type ReferenceNote } from './chain.js'
import { ProtocolViolation } from './byte-reader.js'
import { now } from './clock.js'
import { Refusal } from './refusal.js'
import { tellReleased } from './released.js'
import type { Scope } from './scope.js'

export interface Lent {
  readonly lent: object
  /** In a live value, where it takes and gives live values. */
  readonly live: boolean
  /** Where it was first given, since it is lent; it is used as if from there. */
  readonly scope: Scope | undefined
  /** How often it was sent; the other side says with a release how often it had arrived. */
  count: number
  /** How often the other side has let go of it and it stayed lent. */
  releases: number
}

/** ms after which the other side is asked again where as many functions as may be are lent. */
const ASK_AGAIN = 100

/** The functions, and other things, of this side that the other one may use. */
export class LentThings {
  private readonly byReference = new Map<number, Lent>()
  /** By what was lent: in live values, and in others. */
  private readonly references = { live: new Map<object, number>(), plain: new Map<object, number>() }
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
    private readonly clock: () => number = now,
    private readonly scopeNow: () => Scope | undefined = () => undefined
  ) {}

  get size(): number {
    return this.byReference.size
  }

  /**
   * The reference under which the other side knows this function or object; `scope`: where it was given, by default
   * here. Throws a Refusal beyond the limit.
   */
  lend(lent: object, live = false, scope?: Scope): number {
    const references = this.referencesOf(live)
    const known = references.get(lent)
    if (known !== undefined) {
      ;(this.byReference.get(known) as Lent).count++
      return known
    }
    if (this.size >= this.limit()) {
      if (this.clock() - this.askedAt >= ASK_AGAIN) this.callCrowded()
      const code = live ? 'TOO_MANY_REFERENCES' : 'TOO_MANY_CALLBACKS'
      throw new Refusal(code, { limit: this.limit() })
    }
    const reference = this.next++
    this.byReference.set(reference, { lent, live, scope: scope ?? this.scopeNow(), count: 1, releases: 0 })
    references.set(lent, reference)
    if (this.size > Math.max(this.limit() / 2, this.patience)) this.callCrowded()
    return reference
  }

  /** Whether this is lent live: what comes under its number is this very thing. */
  hasLive(thing: unknown): boolean {
    return this.references.live.has(thing as object)
  }

  get(reference: number): Lent {
    const entry = this.byReference.get(reference)
    if (entry === undefined) throw new ProtocolViolation('a use of what was not lent')
    return entry
  }

  /** The other side dropped what had arrived so many times; if it was sent again meanwhile it stays lent. */
  release(reference: number, count: number): void {
    const entry = this.byReference.get(reference)
    if (entry === undefined || count < 1 || count > entry.count) {
      throw new ProtocolViolation('a release of what was not lent')
    }
    entry.count -= count
    entry.releases++
    if (entry.count > 0) return
    this.byReference.delete(reference)
    this.referencesOf(entry.live).delete(entry.lent)
    tellReleased(entry.lent)
    this.patience = Math.min(this.patience, this.size + this.limit() / 8)
  }

  /** The other side is gone; `loss`: why. */
  clear(loss?: Promise<unknown>): void {
    for (const { lent } of this.byReference.values()) tellReleased(lent, loss)
    this.byReference.clear()
    this.references.live.clear()
    this.references.plain.clear()
  }

  private referencesOf(live: boolean): Map<object, number> {
    return live ? this.references.live : this.references.plain
  }

  private callCrowded(): void {
    this.patience = this.size + this.limit() / 8
    this.askedAt = this.clock()
    queueMicrotask(this.crowded)
  }
}

/** What stands here for what the other side lent: the honest one never gives one number to different kinds. */
type BorrowedKind = 'function' | 'live function' | 'reference'

interface Borrowed {
  readonly kind: BorrowedKind
  readonly stand: WeakRef<object>
  readonly note: ReferenceNote | undefined
  arrivals: number
}

/** Stand-ins for what the other side lent. One that nobody holds any more is released when it is collected. */
export class BorrowedThings {
  private readonly byReference = new Map<number, Borrowed>()
  private readonly liveFunctions = new WeakMap<object, number>()
  private readonly collected = new FinalizationRegistry<number>((reference) => this.drop(reference))

  constructor(
    private readonly invoke: (reference: number, parameters: unknown[], live: boolean) => Promise<unknown>,
    private readonly release: (reference: number, count: number) => void,
    /** The lender keeps to it as well, and counts what it lent for longer. */
    private readonly limit: () => number,
    /** Somebody had this reference and never released it. */
    private readonly forgotten: (note: ReferenceNote) => void = () => undefined
  ) {}

  /** How many of them are references, in live values. */
  references = 0

  /** A function that calls the one that was lent; `live`: it takes and gives live values. */
  borrowFunction(reference: number, length: number, name: string, live = false): object {
    return this.borrow(reference, live ? 'live function' : 'function', () => {
      const stand = (...parameters: unknown[]): Promise<unknown> => this.invoke(reference, parameters, live)
      Object.defineProperty(stand, 'length', { value: length, configurable: true })
      Object.defineProperty(stand, 'name', { value: name, configurable: true })
      if (live) this.liveFunctions.set(stand, reference)
      return stand
    })
  }

  /** Under which the other side lent live what this function stands for. */
  numberOf(stand: object): number | undefined {
    const number = this.liveFunctions.get(stand)
    return number !== undefined && this.byReference.get(number)?.stand.deref() === stand ? number : undefined
  }

  /** The same stand-in for the same reference, as long as somebody holds it. */
  borrow<T extends object>(reference: number, kind: BorrowedKind, make: () => T): object {
    const known = this.byReference.get(reference)
    if (known !== undefined && known.kind !== kind) {
      throw new ProtocolViolation('one number for different things')
    }
    const held = known?.stand.deref()
    if (known !== undefined && held !== undefined) {
      known.arrivals++
      return held
    }
    if (known === undefined && this.byReference.size >= this.limit()) {
      throw new ProtocolViolation('more than may be lent')
    }
    const stand = make()
    const note = stand instanceof Reference ? stand.note : undefined
    const arrivals = (known?.arrivals ?? 0) + 1
    if (note !== undefined && known === undefined) this.references++
    this.byReference.set(reference, { kind, stand: new WeakRef(stand), note, arrivals })
    this.collected.register(stand, reference, stand)
    return stand
  }

  /** Those that somebody holds. */
  *held(): Iterable<object> {
    for (const { stand } of this.byReference.values()) {
      const held = stand.deref()
      if (held !== undefined) yield held
    }
  }

  /** This side needs it no more, and says so. */
  giveBack(reference: number, stand: object): void {
    const entry = this.byReference.get(reference)
    if (entry?.stand.deref() !== stand) return
    this.collected.unregister(stand)
    this.remove(reference, entry)
  }

  private drop(reference: number): void {
    const entry = this.byReference.get(reference)
    if (entry === undefined || entry.stand.deref() !== undefined) return
    this.remove(reference, entry)
    if (entry.note !== undefined && entry.note.isSeen !== false) this.forgotten(entry.note)
  }

  private remove(reference: number, entry: Borrowed): void {
    this.byReference.delete(reference)
    if (entry.note !== undefined) this.references--
    this.release(reference, entry.arrivals)
  }
}
