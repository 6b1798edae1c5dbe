import type { RecycleSettings } from '../settings.js'

/** What a space has been through. */
export interface SpaceLife {
  /** Calls it was given. */
  readonly calls: number
  /** ms since it was ready. */
  readonly age: number
  /** Resident memory in bytes, as last known. */
  readonly memory: number | null
}

/** When one space is due; drawn once for each, so that those that started together do not go together. */
export interface RecycleLimits {
  readonly calls: number
  readonly age: number
  readonly memory: number
}

/** ms that a space lives at least: a limit that it reaches sooner would only make it start again and again. */
export const SHORTEST_LIFE = 10_000
/** A limit is drawn between this share below the given one and that one, as gunicorn and uWSGI do. */
const JITTER = 0.2

export function drawLimits(settings: RecycleSettings, random: () => number = Math.random): RecycleLimits {
  const draw = (limit: number): number => limit * (1 - JITTER * random())
  return { calls: draw(settings.maxCalls), age: draw(settings.maxAge), memory: draw(settings.maxMemory) }
}

/** Why a space should be replaced, or undefined. */
export function recycleReason(
  life: SpaceLife,
  limits: RecycleLimits
): 'calls' | 'age' | 'memory' | undefined {
  if (life.age < SHORTEST_LIFE) return undefined
  if (life.calls >= limits.calls) return 'calls'
  if (life.age >= limits.age) return 'age'
  if (life.memory !== null && life.memory >= limits.memory) return 'memory'
  return undefined
}

/** ms until there is a reason that only time brings, from now on; Infinity when there is none. */
export function nextLook(life: SpaceLife, limits: RecycleLimits): number {
  const reached = life.calls >= limits.calls || (life.memory !== null && life.memory >= limits.memory)
  const at = reached ? SHORTEST_LIFE : Math.max(SHORTEST_LIFE, limits.age)
  return Math.max(0, at - life.age)
}
