import { placeOfProxy } from './handles.js'
import type { Moves } from './moved.js'
import type { Scope } from './scope.js'
import type { StepGroup } from './step-group.js'

// What the proxies of live objects are made of: where a chain begins, what it does, and where it is carried out.

/** Where scripts go: a set of packages, or the other end of one connection. */
export interface Destination {
  /** Scripts with the same one are carried out in the order of their steps, as far as one process does. */
  readonly lane: object
  /** What one list of parameters may take, in bytes. */
  readonly maxBytes: number
  /** Which parameters move there instead of being copied. Default none. */
  readonly moves?: Moves
  /** Carries it out, or fails it. */
  submit(script: SentSteps): void
  /** What users get to see: the public error of a Refusal, or what a package threw, with `step` where it did. */
  errorFor(problem: unknown, step: Step): unknown
  /** Who awaits a chain that failed and of which it is not known where it was written. */
  located?(error: unknown, trace: { stack?: string }): void
  /** Who writes chains. Without it they take nothing along. */
  readonly caller?: Caller
  /** A chain failed and nobody has asked for its result. */
  unobserved(error: unknown): void
}

/** What a chain takes along from the place in the program where it is written. */
export interface Caller {
  /** That place: functions and objects that are given there are used as if from there. */
  scope(): Scope | undefined
  /** What the program has registered to travel along. Throws what the program throws at that. */
  context(): GivenParameters | undefined
}

/** Steps that are sent together: a Script. */
export interface SentSteps {
  readonly steps: readonly Step[]
  /** Nothing will come of them. */
  fail(error: unknown): void
}

/** Parameters, or a context, as they were when they were given: a Packed. */
export interface GivenParameters {
  /** In bytes. */
  readonly size: number
}

/** What a proxy stands for: a place that is reached from its base by a path. */
export interface Handle {
  readonly base: Base
  readonly path: readonly string[]
}

/** Undefined when it is no proxy of ours. */
export function handleOf(value: object): Handle | undefined {
  return placeOfProxy(value) as Handle | undefined
}

/** The other end of a connection, where references live. */
export interface Home extends Destination {
  /** It can be reached. */
  readonly isOpen: boolean
  /** Which of those that there have been in its place, where they are counted. */
  readonly generation?: number
  /** Whether chains that begin at this root can be carried out there. */
  holds(root: Root): boolean
  /** The reference is not needed any more. */
  release(reference: Reference): void
}

/** What a chain begins with, or goes on from. */
export type Base = Root | Reference | Step

/** A package, as `use()` gives it. */
export class Root {
  readonly kind = 'root'

  constructor(
    /** The one it has in its set, once that is known. */
    public name: string,
    readonly destination: Destination
  ) {}
}

/** An object or function that stays where it is. */
export class Reference {
  readonly kind = 'reference'
  released = false
  /** What is known of it when it was collected. */
  readonly note: ReferenceNote
  /** The one proxy that stands for it. */
  proxy: object | undefined
  /** Where it comes from, when it is nothing that a program knows of. */
  origin: Origin | undefined

  constructor(
    readonly destination: Home,
    /** Under which the other side lent it. */
    readonly number: number,
    /** The name of its class, or its own when it is a function. */
    readonly label: string,
    /** A namesake is a function that has something else than other functions as `apply`, `bind` or `call`. */
    readonly form: 'object' | 'function' | 'namesake'
  ) {
    this.note = { label, isSeen: undefined }
  }
}

/** What an iterator is of: errors that come of its items are told as of that. */
export interface Origin {
  readonly failure: string
  readonly trace: Step['trace']
}

export interface ReferenceNote {
  readonly label: string
  /** Whether somebody has got to see it, who could have released it. Undefined: as a part of something else. */
  isSeen: boolean | undefined
}

export type Operation = (typeof operations)[number]
/** What a step does, by its place on the wire. */
export const operations = ['call', 'new', 'get', 'copy', 'iterate', 'dispose', 'stream'] as const

interface Waiter {
  resolve(value: unknown): void
  readonly reject: ((error: unknown) => void) | undefined
}

/** One call, or whatever else is done, on the way of a chain. */
export class Step {
  readonly kind = 'step'
  /** Its place in its script. */
  index = 0
  script: SentSteps | undefined
  /** Those it goes together with, until they are sent. */
  group: StepGroup<Home> | undefined
  /** Another step goes on from it, so that its own result is not told unless it is awaited. */
  isUsed = false
  /** Its result is told. */
  wanted = false
  /** What travels along with it. */
  given: GivenParameters | undefined
  readonly destination: Destination
  /** Somebody hears of its failure. */
  private isObserved = false
  private waiters: Waiter[] | undefined
  private outcome: { failed: boolean; value: unknown } | undefined

  constructor(
    readonly operation: Operation,
    readonly base: Base,
    readonly path: readonly string[],
    readonly parameters: unknown[] | GivenParameters,
    /** Where the chain was written, or awaited. */
    public trace: { stack?: string } | undefined
  ) {
    this.destination = base.destination
  }

  get isSettled(): boolean {
    return this.outcome !== undefined
  }

  /** Somebody waits for its result. */
  get isAwaited(): boolean {
    return this.waiters !== undefined
  }

  get failure(): { error: unknown } | undefined {
    return this.outcome?.failed === true ? { error: this.outcome.value } : undefined
  }

  /** Tells its result when it is there. Without `reject` nobody has heard of a failure. */
  wait(resolve: (value: unknown) => void, reject?: (error: unknown) => void): void {
    const { outcome } = this
    if (reject !== undefined) this.isObserved = true
    if (outcome === undefined) {
      if (this.script === undefined) this.wanted = true
      else if (!this.wanted) return reject?.(this.destination.errorFor(new ChainOver(this), this))
      ;(this.waiters ??= []).push({ resolve, reject })
    } else if (outcome.failed) {
      reject?.(outcome.value)
    } else {
      resolve(outcome.value)
    }
  }

  succeed(value: unknown): void {
    if (this.outcome !== undefined) return
    this.outcome = { failed: false, value }
    for (const { resolve } of this.waiters ?? []) resolve(value)
  }

  fail(error: unknown): void {
    if (this.outcome !== undefined) return
    this.outcome = { failed: true, value: error }
    for (const { reject } of this.waiters ?? []) reject?.(error)
    if (!this.isObserved) setImmediate(this.reportUnobserved)
  }

  private readonly reportUnobserved = (): void => {
    if (!this.isObserved && !this.isUsed) this.destination.unobserved(this.outcome?.value)
  }
}

/** Where a step begins, as it is sent: a package, what the receiver lent, or an earlier step of its script. */
export type BaseMessage =
  | { kind: 'root'; name: string }
  | { kind: 'reference'; number: number }
  | { kind: 'step'; index: number }

/** A chain was gone on from, or awaited, when its intermediate results were gone. */
export class ChainOver {
  constructor(readonly step: Step) {}
}
