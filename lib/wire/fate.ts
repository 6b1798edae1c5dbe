import { types } from 'node:util'
import { isReachableName } from './reachable.js'
import { isThenable, settled } from './thenable.js'

/** What went wrong, at which step. */
export interface StepFailure {
  readonly error: unknown
  readonly at: number
}

/**
 * What becomes of a step. One that returns a promise is waited for by those that need its result. Other thenables, as
 * the builders of queries are, begin their work when they are asked for it, so they are only asked where a result is
 * needed. A step that goes on with a member that the promise or thenable itself has goes on from that.
 */
export class Fate {
  private value: unknown
  private trouble: StepFailure | undefined
  /** What it returned, until it has settled. */
  private thenable: object | undefined
  private settling: Promise<void> | undefined
  /** Until the step is carried out, and then what has become of it. */
  private begun: Promise<void> | undefined
  private later: Fate | undefined

  /** Of the step `at`, which has returned this. */
  static returned(value: unknown, at: number): Fate {
    const fate = new Fate()
    if (!isThenable(value)) {
      fate.value = value
      return fate
    }
    fate.thenable = value
    // A promise that fails counts as handled, whoever looks at it.
    if (types.isPromise(value)) void fate.settle(at)
    return fate
  }

  static failed(failure: StepFailure): Fate {
    const fate = new Fate()
    fate.trouble = failure
    return fate
  }

  /** Of a step that cannot be carried out before this is settled. */
  static after(before: Promise<unknown>, carryOut: () => Fate): Fate {
    const fate = new Fate()
    fate.begun = before.then(() => {
      fate.later = carryOut()
      fate.begun = undefined
    })
    return fate
  }

  get failure(): StepFailure | undefined {
    return this.later === undefined ? this.trouble : this.later.failure
  }

  /** Until it can be said what `given` says; undefined when it can. */
  until(at: number, member?: string): Promise<void> | undefined {
    if (this.begun !== undefined) return this.begun.then(() => this.until(at, member))
    if (this.later !== undefined) return this.later.until(at, member)
    if (this.thenable === undefined || this.has(member)) return undefined
    return this.settle(at)
  }

  /** Its result, or, when a step goes on with a member of the promise itself, that promise. */
  given(member?: string): unknown {
    if (this.later !== undefined) return this.later.given(member)
    return this.has(member) ? this.thenable : this.value
  }

  private has(member: string | undefined): boolean {
    if (member === undefined || this.thenable === undefined || !isReachableName(member)) return false
    try {
      return member in this.thenable
    } catch {
      // A Proxy may throw at anything.
      return false
    }
  }

  private settle(at: number): Promise<void> {
    this.settling ??= settled(this.thenable).then(
      (value) => this.end(value, undefined),
      (error: unknown) => this.end(undefined, { error, at })
    )
    return this.settling
  }

  private end(value: unknown, failure: StepFailure | undefined): void {
    this.value = value
    this.trouble = failure
    this.thenable = undefined
  }
}
