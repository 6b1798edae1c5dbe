import { messageOfBase, type SentSteps, type Step } from './chain.js'
import type { Outcome, ScriptMessage, StepMessage } from './messages.js'
import { neverSeen } from './never-seen.js'
import type { Packed } from './packed.js'
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
      if (!step.isUsed) step.isWanted = true
      if (step.isWanted) this.left++
    })
  }

  /** What it is sent as. */
  message(): ScriptMessage {
    const places = new Map<unknown, number>()
    for (const { context } of this.steps) {
      if (context !== undefined && !places.has(context)) places.set(context, places.size)
    }
    if (places.size === 0) return { type: 'script', id: 0, steps: this.steps.map(messageOf) }
    const steps = this.steps.map((step) => ({ ...messageOf(step), context: places.get(step.context) }))
    return { type: 'script', id: 0, steps, contexts: [...places.keys()] }
  }

  /** Throws a ProtocolViolation for an outcome that nobody waits for. */
  settle({ step: index, last, state, at, value }: Outcome): void {
    const step = this.steps[index]
    const failed = this.steps[at]
    if (step?.isWanted !== true || step.isSettled || failed === undefined || last !== (this.left === 1)) {
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
    return this.steps.some(({ isWanted, failure }) => isWanted && failure !== undefined)
  }

  /** Nothing will come of it any more. */
  fail(error: unknown): void {
    for (const step of this.steps) {
      if (step.isWanted && !step.isSettled) step.fail(step.destination.errorFor(error, step))
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

function messageOf({ operation, base, path, parameters, isWanted }: Step): StepMessage {
  const given = parameters as unknown[] | Packed
  return { operation, base: messageOfBase(base), path, parameters: given, wanted: isWanted }
}
