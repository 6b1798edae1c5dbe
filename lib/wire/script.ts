import type { SentSteps, Step } from './chain.js'
import type { Outcome, ScriptMessage, StepMessage } from './messages.js'
import { neverSeen } from './never-seen.js'
import { ProtocolViolation } from './byte-reader.js'
import { Refusal, refusalCodes } from './refusal.js'

/** Steps that are sent, carried out and answered together: all of one tick that depend on each other. */
export class Script implements SentSteps {
  private left = 0

  /** In the order in which they were written. */
  constructor(readonly steps: readonly Step[]) {
    steps.forEach((step, index) => {
      step.index = index
      step.script = this
      if (!step.isUsed) step.wanted = true
      if (step.wanted) this.left++
    })
  }

  /** What it is sent as. */
  message(): ScriptMessage {
    // Steps are written as they are: an object for each, and one for its base, would be as much work as to write them.
    const sent = this.steps as readonly StepMessage[]
    if (this.steps.every(({ given }) => given === undefined)) return { type: 'script', id: 0, steps: sent }
    const places = new Map<unknown, number>()
    for (const { given } of this.steps) {
      if (given !== undefined && !places.has(given)) places.set(given, places.size)
    }
    const steps = this.steps.map(({ given }, index) => within(sent[index] as StepMessage, places.get(given)))
    return { type: 'script', id: 0, steps, contexts: [...places.keys()] }
  }

  /** Throws a ProtocolViolation for an outcome that nobody waits for. */
  settle({ step: index, last, state, at, value }: Outcome): void {
    const step = this.steps[index]
    const failed = this.steps[at]
    if (step?.wanted !== true || step.isSettled || failed === undefined || last !== (this.left === 1)) {
      throw new ProtocolViolation('an outcome that nobody waits for')
    }
    this.left--
    if (state === 'value') {
      if (!step.isAwaited) neverSeen(value)
      return step.succeed(value)
    }
    step.fail(step.destination.errorFor(state === 'failed' ? value : refusalFrom(value), failed))
  }

  get hasFailed(): boolean {
    return this.steps.some(({ wanted, failure }) => wanted && failure !== undefined)
  }

  /** Nothing will come of it any more. */
  fail(error: unknown): void {
    for (const step of this.steps) {
      if (step.wanted && !step.isSettled) step.fail(step.destination.errorFor(error, step))
    }
  }

  /** What its parameters take while it waits, in bytes. */
  get size(): number {
    return this.steps.reduce((sum, { parameters }) => sum + sizeOf(parameters), 0)
  }
}

/** A reason to refuse, as an outcome tells it. Throws a ProtocolViolation when it is none. */
export function refusalFrom(value: unknown): Refusal {
  const { code, details } = Object(value) as { code?: unknown; details?: unknown }
  const known = refusalCodes.find((one) => one === code)
  if (known === undefined || typeof details !== 'object' || details === null) {
    throw new ProtocolViolation('an unknown reason to refuse')
  }
  return new Refusal(known, details as Record<string, unknown>)
}

function sizeOf(parameters: Step['parameters']): number {
  return Array.isArray(parameters) ? 64 + 16 * parameters.length : 64 + parameters.size
}

function within(step: StepMessage, context: number | undefined): StepMessage {
  const { operation, base, path, parameters, wanted } = step
  return { operation, base, path, parameters, wanted, context }
}
