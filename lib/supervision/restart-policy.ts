import type { RestartSettings } from '../settings.js'

/** What a set remembers of its crashes. A new one is `noCrashes`. */
export interface CrashHistory {
  /** When each restart within the last period was decided on. */
  readonly restarts: readonly number[]
  /** Crashes in a row without a good life between them. */
  readonly streak: number
  /** How often in a row the set went down. */
  readonly downs: number
}

export const noCrashes: CrashHistory = { restarts: [], streak: 0, downs: 0 }

export type Decision =
  { readonly action: 'restart'; readonly delay: number; readonly history: CrashHistory } | DownDecision

export interface DownDecision {
  readonly action: 'down'
  /** Within the last period. */
  readonly restarts: number
  /** ms until a probe. */
  readonly retryAfter: number
  readonly history: CrashHistory
}

/** ms until a set that is down is probed. */
export interface ProbeWaits {
  /** The first time; doubled with each probe that fails. */
  readonly firstProbe: number
  readonly lastProbe: number
}

/**
 * What to do after a crash, from the history and the clock alone. A space that lived `minLife` is replaced at once;
 * else the wait doubles from `minBackoff` to `maxBackoff`, half of it by chance, so that sets which crashed together
 * do not come back together. More than `intensity` restarts within `period`, for each running replica, and the set is
 * down: the period must be longer than the sum of the waits, or the limit could never be reached.
 */
export function afterCrash(
  history: CrashHistory,
  at: number,
  lived: number,
  replicas: number,
  settings: RestartSettings,
  probes: ProbeWaits,
  random: () => number = Math.random
): Decision {
  const restarts = history.restarts.filter((time) => at - time < settings.period)
  const streak = lived >= settings.minLife ? 0 : history.streak + 1
  if (restarts.length >= settings.intensity * Math.max(1, replicas)) {
    return goDown({ ...history, restarts, streak }, probes)
  }
  const { minBackoff, maxBackoff } = settings
  const delay = streak === 0 ? 0 : backoff(streak, minBackoff, maxBackoff, random)
  return {
    action: 'restart',
    delay,
    history: { restarts: [...restarts, at + delay], streak, downs: history.downs }
  }
}

/** A probe crashed, so the set stays down, for longer. */
export function afterFailedProbe(history: CrashHistory, probes: ProbeWaits): DownDecision {
  return goDown(history, probes)
}

function goDown(history: CrashHistory, { firstProbe, lastProbe }: ProbeWaits): DownDecision {
  return {
    action: 'down',
    restarts: history.restarts.length,
    retryAfter: Math.min(firstProbe * 2 ** history.downs, lastProbe),
    history: { restarts: [], streak: 0, downs: history.downs + 1 }
  }
}

/** The wait after so many failures in a row: doubled from the least to the longest one, half of it by chance. */
export function backoff(streak: number, least: number, longest: number, random: () => number): number {
  const whole = Math.min(least * 2 ** Math.min(streak - 1, 40), longest)
  return whole / 2 + (random() * whole) / 2
}
