import type { LoggerOption } from './logger.js'

/** What one set of packages may have otherwise than its pool. Options left out are as the pool's. */
export interface PackageSetOptions {
  /**
   * How many spaces hold the set: a number, or so many at least and at most, where more are started when all running
   * ones are full and go again when idle. At most `maxSpaces`. Default 1, because packages may hold state.
   */
  replicas?: number | { min: number; max: number } | undefined
  /** Calls that are in flight in one space at a time, 1 to 65 535. Default 64. */
  concurrency?: number | undefined
  /** Calls that may wait for a set; one more is refused with QUEUE_FULL. Default 10 000. */
  maxQueue?: number | undefined
  /** Milliseconds for a call, from `call()` to its answer, above 0. Default none, which is also `Infinity`. */
  callTimeout?: number | undefined
  /**
   * Milliseconds without activity after which a space is stopped; the next call brings it back. `0` or `Infinity`:
   * never. Default 3 600 000, one hour.
   */
  inactivityTimeout?: number | undefined
  /**
   * The folders that hold packages, in the order of search: paths or `file:` URLs, relative ones taken from the
   * current folder. Default: the `node_modules` folders from the main module of the program upwards, then those from
   * the current folder upwards.
   */
  paths?: readonly string[] | undefined
  /**
   * The environment of the spaces. By default they see only a list of harmless variables of the host: PATH, HOME,
   * USER, TMPDIR, TEMP, TZ, LANG, LC_*, NODE_ENV, SSL_CERT_FILE, SSL_CERT_DIR, the proxy variables, and what Windows
   * needs. An array adds the variables of these names, a record adds or overrides (`undefined` removes), `'inherit'`
   * passes everything but NODE_OPTIONS. NODE_OPTIONS itself is refused: flags for spaces go into `execArgv`.
   * NODE_EXTRA_CA_CERTS is not on the list because it costs 29 ms a start. The option of a set replaces the pool's.
   */
  env?: 'inherit' | readonly string[] | Readonly<Record<string, string | undefined>> | undefined
  /** The current folder of the spaces. Default: the host's, as it is when the pool is made. */
  cwd?: string | undefined
  /** Flags for the Node of the spaces, such as `--max-old-space-size=512`. Default none; the host's do not go over. */
  execArgv?: readonly string[] | undefined
  /** The user that spaces run as (POSIX, and only a privileged host may choose). Default: the host's. */
  uid?: number | undefined
  /** The group that spaces run as (POSIX, and only a privileged host may choose). Default: the host's. */
  gid?: number | undefined
  /**
   * Where the output of a space goes. `'captured'`: its lines become log records and `spaceOutput` events, bounded;
   * `'inherit'`: to the host's own output; `'ignore'`: nowhere. Default `'captured'`.
   */
  stdio?: 'captured' | 'inherit' | 'ignore' | undefined
  /**
   * True: spaces have Node's own IPC channel, and net.Server, net.Socket and dgram.Socket (not on Windows) among
   * parameters move to the space. Packages can use the channel, too, and can harm the host by it: only for packages that
   * you trust. Default false.
   */
  handles?: boolean | undefined
  /** How the spaces of a set come back after crashes. Members left out are as the pool's. */
  restart?: SetRestartOptions | undefined
  /** When spaces are replaced on purpose. Members left out are as the pool's. Default: never. */
  recycle?: RecycleOptions | undefined
  /** How a space that does not answer any more is noticed. Members left out are as the pool's. */
  heartbeat?: HeartbeatOptions | undefined
}

/**
 * When a space is replaced, to get rid of what a package leaks. The replacement is started and loaded first, and takes
 * over between calls; the old space has 30 s for those in flight. Each limit is drawn for each space from the last
 * fifth below the given one, so that spaces that started together do not go together; none lives less than 10 s.
 */
export interface RecycleOptions {
  /** Calls. Default `Infinity`, never. */
  maxCalls?: number | undefined
  /** Milliseconds from when it was ready, above 0. Default `Infinity`, never. */
  maxAge?: number | undefined
  /** Bytes of resident memory, as a space reports it once a second while it works. Default `Infinity`, never. */
  maxMemory?: number | undefined
  /**
   * Bytes of resident memory at which a space is killed at once, with all its calls: SPACE_CRASHED, cause
   * `out-of-memory`. On Linux it is looked at every 250 ms while calls are in flight or packages load, elsewhere as
   * the space reports it. V8's own limit (`execArgv: ['--max-old-space-size=…']`) does not count Buffers. Default `Infinity`, never.
   */
  hardMemory?: number | undefined
}

/** Only while calls are in flight; an idle space costs nothing. The model is VS Code's extension host. */
export interface HeartbeatOptions {
  /** Milliseconds between two signs of life, at least 10; `Infinity` for none. Default 1000. */
  interval?: number | undefined
  /** Signs of life missed in a row until `spaceUnresponsive`; 1 counts as 2, since it is asked at the first. Default 3. */
  missed?: number | undefined
}

/**
 * How the spaces of one set come back after crashes. The model is that of OTP's supervisors. A start that fails, without a
 * process or before it is ready, is no crash: it is tried again after 100 ms, doubling to 3 s, half of it left to chance.
 */
export interface SetRestartOptions {
  /**
   * At most so many restarts within `period`, times the running replicas; then the set is down, until a probe has lived.
   * Probes count, and wait until the period has room: with 0 there is one of them in a period. Default 5.
   */
  intensity?: number | undefined
  /** Milliseconds, above 0. A set that is down may stay so for so long. Default 60 000. */
  period?: number | undefined
  /** Milliseconds before the first restart of a space that lived less than `minLife`; doubled each time. Default 100. */
  minBackoff?: number | undefined
  /** Milliseconds that the wait grows to, at least `minBackoff`. Default 30 000. */
  maxBackoff?: number | undefined
  /** A space that lived so many milliseconds is restarted at once, and the wait starts anew. Default 10 000. */
  minLife?: number | undefined
}

/** How spaces come back after crashes, and how fast the pool starts processes at all. */
export interface RestartOptions extends SetRestartOptions {
  /** Processes that the pool starts within one second, above 0, `Infinity` for no limit. Default 10. */
  startsPerSecond?: number | undefined
}

/** How long a space has at each step of being stopped. */
export interface StopOptions {
  /** Milliseconds to end by itself after it was asked, then comes SIGTERM. Default 1000. */
  ask?: number | undefined
  /** Milliseconds after SIGTERM, then comes SIGKILL. Default 2000. */
  terminate?: number | undefined
}

/** The options of a pool. An unknown one, a wrong type or an impossible value throws INVALID_OPTION at once. */
export interface SpacePoolOptions extends PackageSetOptions {
  /**
   * Spaces of the whole pool together, spares included, at least 1. Default 16: they are kept because they hold
   * packages, so they are not counted by cores.
   */
  maxSpaces?: number | undefined
  /** Blank spaces kept ready within `maxSpaces`, for sets with the process options of the pool. Default 0. */
  spares?: number | undefined
  /**
   * The names that may be added: an array of them, or a function that is given the canonical name (`fs` for `node:fs`,
   * the path for a `file:` URL) and returns true or false. A subpath is a name of its own. Default: all.
   */
  allow?: readonly string[] | ((name: string) => boolean) | undefined
  /** The bytes that one value may have, up to 2 GiB. Beyond: TOO_LARGE. Default 268 435 456, that is 256 MiB. */
  maxBytes?: number | undefined
  /** The Node that spaces run. Default: the host's. */
  execPath?: string | undefined
  /** How spaces come back after crashes, and how fast the pool starts processes at all. */
  restart?: RestartOptions | undefined
  /** How long a space has at each step of being stopped. */
  stop?: StopOptions | undefined
  /** A pino logger, pino's options, or `true` for pino's defaults. Default: silent. */
  logger?: LoggerOption | undefined
  /** True: spaces keep the host alive, also when nothing is pending. Default false. */
  ref?: boolean | undefined
  /**
   * What travels along with calls: called at each call, and at each call, `new` or read of a chain, where that is made.
   * In the space it is what `current()` of `spacepool/context` returns, there and in all that the call starts. It must be
   * possible to copy it, with 8 KiB at most and without functions, else the call rejects with INVALID_OPTION; it rejects
   * with what this function throws. `undefined`: nothing for this call. Default: none.
   */
  context?: (() => unknown) | undefined
}

/** The options of one call. */
export interface CallOptions {
  /** Milliseconds from `call()` to the answer, above 0; `Infinity` for none. Default: `callTimeout` of the set. */
  timeout?: number | undefined
  /** Ends the call: it rejects at once with the signal's reason. */
  signal?: AbortSignal | undefined
  /**
   * True: the call may be run a second time after a crash. Default false: it runs at most once. Of all calls of a pool
   * at most one in ten is ever run again, so that crashes do not become load, but the first always may be.
   */
  idempotent?: boolean | undefined
  /** Calls with the same value go to the same replica, as long as the number of replicas stays. Default: the least busy one. */
  affinity?: string | number | undefined
}

/** The options of `close()`. */
export interface CloseOptions {
  /** Milliseconds that pending calls have to settle before they are failed. Default 10 000. */
  timeout?: number | undefined
}

/**
 * A package to load: its name, or the name with more. With `parameters` (an array, even empty) a package that exports
 * a function is instantiated with them; `as` is the name it has in its set, by default the canonical form of `name`.
 */
export type PackageSpec =
  | string
  | { name: string; as?: string | undefined; parameters?: readonly unknown[] | undefined }
