import { ProtocolViolation } from './byte-reader.js'
import { Fate } from './fate.js'
import { findFunction, findValue } from './find-function.js'
import { classOf } from './class-of.js'
import { endOfAny } from './lent-streams.js'
import { IteratorSource } from './iterator-source.js'
import { type Operand } from './live-reader.js'
import type { BaseMessage } from './chain.js'
import type { Outcome, ScriptMessage, StepMessage } from './messages.js'
import { operandsIn, replaceOperands } from './operands.js'
import { Refusal } from './refusal.js'
import type { Scope } from './scope.js'
import { isThenable, settled } from './thenable.js'

/** What a script needs of the process it runs in. */
export interface ScriptHost {
  /** What a package is used by. Throws a Refusal where there is none. */
  root(name: string): unknown
  /** What this side lent under a number. */
  lentThing(reference: number): unknown
  /** Where that was given, to be used as if from there. Default: nowhere. */
  scopeOf?(reference: number): Scope | undefined
  /** A place where this context is there. Default: contexts are not told. */
  scopeIn?(context: unknown): Scope
  /** Sends an outcome; what cannot cross is refused instead. */
  tell(outcome: Outcome): void
}

/** Carries out the steps of one script. */
export class ScriptRun {
  /** Nobody waits for its outcomes any more. */
  isCanceled = false
  private readonly fates: Fate[] = []
  /** What this side lent, as far as the steps use it. */
  private things: Map<number, unknown> | undefined
  /** Of the steps that have one, by their places. */
  private scopes: Map<number, Scope> | undefined
  private left = 0

  constructor(
    private readonly message: ScriptMessage,
    private readonly host: ScriptHost,
    /** Some of their parameters are results of other steps, or are found by a path. */
    private readonly hasOperands: boolean
  ) {}

  /** What its steps were given. */
  get parameters(): readonly unknown[] {
    return this.message.steps.map(({ parameters }) => parameters)
  }

  get isOver(): boolean {
    return this.left === 0 || this.isCanceled
  }

  /** Settled steps are answered before it returns. */
  start(): this {
    const { steps } = this.message
    for (const { wanted } of steps) if (wanted) this.left++
    for (let at = 0; at < steps.length; at++) {
      const step = steps[at] as StepMessage
      const scope = this.scopeFor(step)
      if (scope === undefined) {
        this.take(at, step)
      } else {
        ;(this.scopes ??= new Map<number, Scope>()).set(at, scope)
        scope.runInAsyncScope(() => this.take(at, step))
      }
    }
    return this
  }

  private take(at: number, step: StepMessage): void {
    const fate = this.begin(at, step)
    this.fates.push(fate)
    if (!step.wanted) return
    const until = fate.until(at)
    if (until === undefined) this.tell(at, step)
    else void until.then(() => this.tell(at, step))
  }

  /** A step that goes on from another one is carried out where that is, unless the script has contexts. */
  private scopeFor({ base, context }: StepMessage): Scope | undefined {
    const { contexts } = this.message
    if (contexts !== undefined) {
      return context === undefined ? undefined : this.host.scopeIn?.(contexts[context])
    }
    if (base.kind === 'reference') return this.host.scopeOf?.(base.number)
    return base.kind === 'step' ? this.scopes?.get(base.index) : undefined
  }

  private begin(at: number, step: StepMessage): Fate {
    if (!this.hasOperands) return this.beginAlone(at, step)
    const operands = operandsIn(step.parameters as unknown[])
    const bases = [step.base, ...operands.map(({ base }) => base)]
    for (const base of bases) {
      // Now, since it may be released before a step that waits gets to it.
      if (base.kind === 'reference') this.keepThing(base.number)
    }
    if (bases.some((base) => base.kind === 'step' && base.index >= at)) {
      throw new ProtocolViolation('a step before what it needs')
    }
    const [base, ...others] = bases.map((each) => this.fateOf(each))
    const needed = [base?.until(at, step.path[0]), ...others.map((fate) => fate?.until(at))]
    const before = needed.filter((each) => each !== undefined)
    const carryOut = (): Fate => this.carryOut(at, step, [base, ...others])
    return before.length === 0 ? carryOut() : Fate.after(Promise.all(before), carryOut)
  }

  /** A step that needs nothing but its base. */
  private beginAlone(at: number, step: StepMessage): Fate {
    const { base } = step
    if (base.kind === 'reference') this.keepThing(base.number)
    if (base.kind !== 'step') return this.carryOut(at, step, NOTHING)
    const fate = this.fates[base.index]
    if (fate === undefined) throw new ProtocolViolation('a step before what it needs')
    const until = fate.until(at, step.path[0])
    if (until !== undefined) return Fate.after(until, () => this.carryOut(at, step, [fate]))
    return fate.failure === undefined ? this.carryOut(at, step, NOTHING) : Fate.failed(fate.failure)
  }

  private keepThing(number: number): void {
    this.things ??= new Map<number, unknown>()
    this.things.set(number, this.host.lentThing(number))
  }

  private fateOf(base: BaseMessage): Fate | undefined {
    return base.kind === 'step' ? this.fates[base.index] : undefined
  }

  private carryOut(at: number, step: StepMessage, before: readonly (Fate | undefined)[]): Fate {
    for (const fate of before) if (fate?.failure !== undefined) return Fate.failed(fate.failure)
    try {
      return Fate.returned(this.perform(step), at)
    } catch (error) {
      return Fate.failed({ error: this.named(error, step), at })
    }
  }

  private perform({ operation, base, path, parameters }: StepMessage): unknown {
    const value = this.valueOf(base, path[0])
    if ((value === null || value === undefined) && path[0] !== undefined) {
      throw new TypeError(`Cannot read properties of ${String(value)} (reading '${path[0]}')`)
    }
    // What a string or a number inherits is found on its wrapper.
    const from = isPrimitive(value) ? (Object(value) as unknown) : value
    if (operation === 'call' || operation === 'new') {
      const { target, receiver } = findFunction(from, '', path)
      const list = parameters as unknown[]
      if (this.hasOperands) replaceOperands(list, (operand) => this.resolve(operand))
      return operation === 'call' ? Reflect.apply(target, receiver, list) : Reflect.construct(target, list)
    }
    const found = path.length === 0 ? value : findValue(from, '', path)
    if (operation === 'iterate') return new IteratorSource(found)
    if (operation === 'stream') return endOfAny(found)
    return operation === 'dispose' ? disposeOf(found) : found
  }

  /** What was not found is told with the name of where it was looked for, which takes a while to find out. */
  private named(error: unknown, { base, path }: StepMessage): unknown {
    if (!(error instanceof Refusal) || error.details['package'] !== '') return error
    const name = base.kind === 'root' ? base.name : nameOf(this.valueOf(base, path[0]))
    return new Refusal(error.code, { ...error.details, package: name })
  }

  private valueOf(base: BaseMessage, member?: string): unknown {
    switch (base.kind) {
      case 'root':
        return this.host.root(base.name)
      case 'reference':
        return this.things?.get(base.number)
      case 'step':
        return this.fates[base.index]?.given(member)
    }
  }

  private resolve({ base, path }: Operand): unknown {
    const value = this.valueOf(base)
    return path.length === 0 ? value : findValue(value, base.kind === 'root' ? base.name : '', path)
  }

  private tell(at: number, { operation }: StepMessage): void {
    if (this.isCanceled) return
    const last = --this.left === 0
    const fate = this.fates[at] as Fate
    const { failure } = fate
    const { id } = this.message
    const copied = operation === 'copy'
    if (failure === undefined) {
      const value = fate.given()
      return this.host.tell({ type: 'outcome', id, step: at, last, state: 'value', at, value, copied })
    }
    const { error, at: failed } = failure
    const isRefused = error instanceof Refusal
    this.host.tell({
      type: 'outcome',
      id,
      step: at,
      last,
      state: isRefused ? 'refused' : 'failed',
      at: failed,
      value: isRefused ? { code: error.code, details: error.details } : error,
      copied: true
    })
  }
}

/** Its own disposer, if it has one. */
function disposeOf(value: unknown): unknown {
  const disposable = Object(value) as Partial<AsyncDisposable & Disposable>
  const dispose = disposable[Symbol.asyncDispose] ?? disposable[Symbol.dispose]
  const result: unknown = typeof dispose === 'function' ? Reflect.apply(dispose, value, []) : undefined
  return isThenable(result) ? settled(result).then(() => undefined) : undefined
}

/** What errors call something that is no package. */
function nameOf(value: unknown): string {
  if (typeof value === 'function') return value.name
  return isPrimitive(value) ? String(value).slice(0, 100) : classOf(value as object)
}

function isPrimitive(value: unknown): boolean {
  return (typeof value !== 'object' && typeof value !== 'function') || value === null
}

const NOTHING: readonly Fate[] = []
