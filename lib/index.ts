export { SpacePool } from './space-pool.js'
export { copy, release, stream } from './live.js'
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
export type { InSpace, Remote, RemoteChain, RemoteReference, Settled } from './remote.js'
export type { PoolStats, SetStats, SpaceStats } from './stats.js'
