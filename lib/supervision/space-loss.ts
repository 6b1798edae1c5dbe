import {
  errorFromRefusal,
  packageLoadFailed,
  poolClosed,
  spaceCrashed,
  spaceStartFailed,
  spaceStopped
} from '../errors.js'
import type { SpaceCrashCause, SpacePhase, SpaceStopReason } from '../errors.js'
import type { SpaceEnd } from '../space/space-end.js'
import { Refusal } from '../wire/refusal.js'

/** What is told of a space in the error for what it took with it. */
export interface LostSpace {
  readonly key: string
  readonly packages: string[]
  readonly generation: number
  readonly pid: number | null
  readonly spaceId: number | null
  /** Why it was ended, where that was on purpose. */
  readonly stopReason: SpaceStopReason | undefined
}

/** The error for what was lost in this phase when a space ended so. */
export function lossError(space: LostSpace, end: SpaceEnd, phase: SpacePhase): Error {
  const { stopReason, ...fields } = space
  const { key } = fields
  if (end.cause === undefined) {
    return stopReason === 'close' ? poolClosed() : spaceStopped({ key, reason: stopReason ?? 'evict' })
  }
  const { exitCode, signal, stderr } = end
  if (end.cause === 'start') {
    const reason = end.failure instanceof Error ? end.failure.message : 'it ended before it was ready'
    return spaceStartFailed({ key, reason, exitCode, signal, stderr, cause: end.failure })
  }
  // What blocked it is a call, or a package, that nobody waits for any more; this is of what was in it beside that.
  const cause: SpaceCrashCause = end.cause === 'blocked' ? 'neighbour-timeout' : end.cause
  return spaceCrashed({ ...fields, phase, exitCode, signal, cause, stderr })
}

/** The public error for what made the loading of a package fail: a Refusal, an error, or the end of the space. */
export function loadingError(space: LostSpace, problem: unknown): Error {
  if (problem instanceof Refusal) {
    return problem.code === 'CANCELED'
      ? packageLoadFailed({ package: '' })
      : errorFromRefusal(problem.code, problem.details)
  }
  return problem instanceof Error ? problem : lossError(space, problem as SpaceEnd, 'loading')
}
