import type { Environment } from './environment.js'

/** How the process of a space is started: what `child_process` is told. */
export interface ProcessSettings {
  readonly execPath: string
  readonly execArgv: readonly string[]
  /** Complete: nothing of the host's environment is added to it. */
  readonly env: Environment
  /** Absolute. */
  readonly cwd: string
  readonly uid: number | undefined
  readonly gid: number | undefined
  readonly stdio: 'captured' | 'inherit' | 'ignore'
  /** True: the process also has Node's own IPC channel. */
  readonly handles: boolean
  /** True: the process keeps the host alive. */
  readonly ref: boolean
}

/** See RestartOptions. */
export interface RestartSettings {
  readonly intensity: number
  readonly period: number
  readonly minBackoff: number
  readonly maxBackoff: number
  readonly minLife: number
  readonly startsPerSecond: number
}

/** See RecycleOptions. `Infinity`: never for this reason. */
export interface RecycleSettings {
  readonly maxCalls: number
  readonly maxAge: number
  readonly maxMemory: number
  readonly hardMemory: number
}

/** See HeartbeatOptions. */
export interface HeartbeatSettings {
  readonly interval: number
  readonly missed: number
}

/** See StopOptions. */
export interface StopSettings {
  readonly ask: number
  readonly terminate: number
}

/** What holds for one set: its own options over the pool's. */
export interface SetSettings {
  readonly replicas: { readonly min: number; readonly max: number }
  readonly concurrency: number
  readonly maxQueue: number
  /** Undefined: none. */
  readonly callTimeout: number | undefined
  /** Milliseconds, `Infinity` for never. */
  readonly inactivityTimeout: number
  /** Absolute. */
  readonly paths: readonly string[]
  readonly process: ProcessSettings
  readonly restart: RestartSettings
  readonly recycle: RecycleSettings
  readonly heartbeat: HeartbeatSettings
  /** The names of the options that were given for the set itself. */
  readonly given: readonly string[]
}

/** The options of a pool, complete and checked. */
export interface PoolSettings extends SetSettings {
  readonly maxSpaces: number
  readonly spares: number
  /** Whether a package of this canonical name may be added. */
  readonly allow: (name: string) => boolean
  readonly maxBytes: number
  readonly stop: StopSettings
  /** As it was given: `createLogger` knows what to do with it. */
  readonly logger: unknown
  readonly ref: boolean
  /** Undefined: nothing travels along. */
  readonly context: (() => unknown) | undefined
}

/** The options of one call, checked. */
export interface CallSettings {
  /** Undefined: what holds for the set. `Infinity`: none. */
  readonly timeout: number | undefined
  readonly signal: AbortSignal | undefined
  readonly idempotent: boolean
  readonly affinity: string | number | undefined
}

/** One package that is asked for. */
export interface PackageRequest {
  /** The canonical name, which a space loads. */
  readonly name: string
  /** The name in its set, which calls use. */
  readonly as: string
  /** What the package is instantiated with; undefined: it is kept as exported. */
  readonly parameters: readonly unknown[] | undefined
}
