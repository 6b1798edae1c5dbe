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

/** A limit is drawn between this share below the given one and that one, as gunicorn and uWSGI do. */
const JITTER = 0.2

export function drawLimits(settings: RecycleSettings, random: () => number = Math.random): RecycleLimits {
  const draw = (limit: number): number => limit * (1 - JITTER * random())
  return { calls: draw(settings.maxCalls), age: draw(settings.maxAge), memory: draw(settings.maxMemory) }
}

/** Why a space should be replaced, or undefined. There is no reason before it has lived so many ms. */
export function recycleReason(
  life: SpaceLife,
  limits: RecycleLimits,
  shortestLife: number
): 'calls' | 'age' | 'memory' | undefined {
  if (life.age < shortestLife) return undefined
  if (life.calls >= limits.calls) return 'calls'
  if (life.age >= limits.age) return 'age'
  if (life.memory !== null && life.memory >= limits.memory) return 'memory'
  return undefined
}

/** ms until there is a reason that only time brings, from now on; Infinity when there is none. */
export function nextLook(life: SpaceLife, limits: RecycleLimits, shortestLife: number): number {
  const reached = life.calls >= limits.calls || (life.memory !== null && life.memory >= limits.memory)
  const at = reached ? shortestLife : Math.max(shortestLife, limits.age)
  return Math.max(0, at - life.age)
}
