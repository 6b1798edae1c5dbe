import type { RestartSettings } from '../settings.js'

/** What a set remembers of its crashes. A new one is `noCrashes`. */
export interface CrashHistory {
  /** When each start after a crash was due, probes included, within the last period; also over times of being down. */
  readonly starts: readonly number[]
  /** Crashes in a row without a good life between them. */
  readonly streak: number
  /** Crashes in a row of spaces that were never ready. */
  readonly neverReady: number
  /** How often in a row the set went down. */
  readonly downs: number
}

export const noCrashes: CrashHistory = { starts: [], streak: 0, neverReady: 0, downs: 0 }

export type Decision =
  | { readonly action: 'restart'; readonly delay: number; readonly history: CrashHistory }
  | DownDecision

export interface DownDecision {
  readonly action: 'down'
  /** Starts after crashes within the last period, probes included. */
  readonly restarts: number
  /** ms until a probe, for which there is room within the limit then. */
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
 * What to do after a crash, from the history and the clock alone. A space that lived `minLife` since it was ready is
 * replaced at once; else the wait doubles from `minBackoff` to `maxBackoff`, half of it by chance, so that sets which crashed together
 * do not come back together. More than `intensity` starts after crashes within `period`, for each running replica, and
 * the set is down: the period must be longer than the sum of the waits, or the limit could never be reached. So it is
 * after so many crashes in a row before they were ready, however long each took to load.
 */
export function afterCrash(
  history: CrashHistory,
  at: number,
  lived: number | undefined,
  replicas: number,
  settings: RestartSettings,
  probes: ProbeWaits,
  random: () => number = Math.random
): Decision {
  const starts = recent(history, at, settings)
  const streak = lived !== undefined && lived >= settings.minLife ? 0 : history.streak + 1
  const neverReady = lived === undefined ? history.neverReady + 1 : 0
  const most = settings.intensity * Math.max(1, replicas)
  if (starts.length >= most || neverReady > most) {
    return goDown({ ...history, starts }, at, settings, probes)
  }
  const { minBackoff, maxBackoff } = settings
  const delay = streak === 0 ? 0 : backoff(streak, minBackoff, maxBackoff, random)
  return {
    action: 'restart',
    delay,
    history: { starts: [...starts, at + delay], streak, neverReady, downs: history.downs }
  }
}

/** A space is ready: those that crash before they are do so in a row no longer. */
export function afterReady(history: CrashHistory): CrashHistory {
  return history.neverReady === 0 ? history : { ...history, neverReady: 0 }
}

/** A probe crashed, so the set stays down, for longer. */
export function afterFailedProbe(
  history: CrashHistory,
  at: number,
  settings: RestartSettings,
  probes: ProbeWaits
): DownDecision {
  return goDown({ ...history, starts: recent(history, at, settings) }, at, settings, probes)
}

/** So many are started that no crash made necessary just now: a probe, or what has to run beside it. */
export function withStarts(
  history: CrashHistory,
  at: number,
  count: number,
  settings: RestartSettings
): CrashHistory {
  return { ...history, starts: [...recent(history, at, settings), ...new Array<number>(count).fill(at)] }
}

/** There never was a process for the probe. */
export function withoutProbe(history: CrashHistory): CrashHistory {
  return { ...history, starts: history.starts.slice(0, -1) }
}

/** The probe has lived for a while: the waits begin anew, but what was started within the period still counts. */
export function afterProbe(history: CrashHistory): CrashHistory {
  return { ...history, streak: 0, neverReady: 0, downs: 0 }
}

function goDown(
  { starts, downs }: CrashHistory,
  at: number,
  settings: RestartSettings,
  { firstProbe, lastProbe }: ProbeWaits
): DownDecision {
  const wait = Math.min(firstProbe * 2 ** downs, lastProbe)
  return {
    action: 'down',
    restarts: starts.length,
    retryAfter: Math.max(wait, untilRoom(starts, at, settings)),
    history: { starts, streak: 0, neverReady: 0, downs: downs + 1 }
  }
}

/** ms until one more start is within the limit. That of one probe in a period is, though there may be no restarts. */
function untilRoom(starts: readonly number[], at: number, { intensity, period }: RestartSettings): number {
  const inOrder = [...starts].sort((left, right) => left - right)
  const last = inOrder[starts.length - Math.max(1, intensity)]
  return last === undefined ? 0 : last + period - at
}

function recent({ starts }: CrashHistory, at: number, { period }: RestartSettings): number[] {
  return starts.filter((time) => at - time < period)
}

/** The wait after so many failures in a row: doubled from the least to the longest one, half of it by chance. */
export function backoff(streak: number, least: number, longest: number, random: () => number): number {
  const whole = Math.min(least * 2 ** Math.min(streak - 1, 40), longest)
  return whole / 2 + (random() * whole) / 2
}
