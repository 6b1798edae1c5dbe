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
export type {
  CloseEvent,
  ErrorEvent,
  SetDownEvent,
  SetUpEvent,
  SpaceEvictEvent,
  SpaceExitEvent,
  SpaceIdentity,
  SpaceOutputEvent,
  SpacePoolEventName,
  SpacePoolEvents,
  SpaceReadyEvent,
  SpaceRestartEvent,
  SpaceUnresponsiveEvent
} from './events.js'
export type { Logger, LoggerOption } from './logger.js'
export type {
  CallOptions,
  CloseOptions,
  HeartbeatOptions,
  PackageSetOptions,
  PackageSpec,
  RecycleOptions,
  RestartOptions,
  SetRestartOptions,
  SpacePoolOptions,
  StopOptions
} from './option-types.js'
export type { PoolStats, SetStats, SpaceStats } from './stats.js'
