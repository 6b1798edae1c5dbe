export { SpacePool } from './space-pool.js'
export { PackageSet } from './package-set.js'
export { SpacePoolError, isSpacePoolError } from './errors.js'
export type {
  SpaceCrashCause,
  SpacePhase,
  SpacePoolErrorCode,
  SpacePoolErrorFields,
  SpacePoolErrorOf,
  SpaceStopReason
} from './errors.js'
export type * from './events.js'
export type { Logger, LoggerOption } from './logger.js'
export type * from './option-types.js'
export type { PoolStats, SetStats, SpaceStats } from './stats.js'
