import { describeThrown } from './describe.js'
import { errorFromRefusal, spaceCrashed, spaceStartFailed, type SpacePhase } from './errors.js'
import type { SpaceEnd } from './space/space-end.js'
import { Refusal } from './wire/refusal.js'

// What the older API answers with status false, and after an add. Sentences of single errors are in error-wording.ts.

export const ADDED = 'Package is added to space'
export const NOT_ALIVE = 'Space is not alive, build a space first'
export const ALREADY_ADDED = 'Package is already added to space'
export const DESTROYED = 'Space was destroyed before it answered, build a space first'

/** Why a request was refused, from whatever was thrown: an error, a Refusal, or the SpaceEnd of its space. */
export function sentenceOf(problem: unknown, packages: readonly string[] = []): string {
  if (problem instanceof Refusal) return sentenceOfRefusal(problem)
  if (isSpaceEnd(problem)) return sentenceOfEnd(problem, packages, 'loading')
  return problem instanceof Error ? problem.message : describeThrown(problem)
}

/** What a call that was in flight, or waited, is told when its space ended. */
export function sentenceOfEnd(end: SpaceEnd, packages: readonly string[], phase: SpacePhase): string {
  const { cause, exitCode, signal, failure } = end
  if (cause === undefined) return DESTROYED
  if (cause === 'start') {
    const reason = failure instanceof Error ? failure.message : 'it ended before it was ready'
    return spaceStartFailed({ reason, exitCode, signal }).message
  }
  const nobody = { generation: 0, key: '', pid: null, spaceId: null, stderr: '' }
  return spaceCrashed({ ...nobody, phase, exitCode, signal, cause, packages }).message
}

function sentenceOfRefusal({ code, details }: Refusal): string {
  const { message } = errorFromRefusal(code, details)
  if (code !== 'FUNCTION_NOT_FOUND' || details['cause'] === undefined) return message
  return `${message} It could not be instantiated without parameters: ${describeThrown(details['cause'])}`
}

function isSpaceEnd(problem: unknown): problem is SpaceEnd {
  return typeof problem === 'object' && problem !== null && 'uptime' in problem && !(problem instanceof Error)
}
