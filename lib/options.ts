import { resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { allowed, everyName } from './allow-list.js'
import { environment, harmless } from './environment.js'
import { invalidOption } from './errors.js'
import { folders, modulePathsOfProgram } from './module-paths.js'
import {
  boolean,
  integer,
  isRecord,
  milliseconds,
  oneOf,
  pick,
  positive,
  readOptions,
  text,
  texts
} from './option-checks.js'
import type { Check, GivenOptions } from './option-checks.js'
import type {
  HeartbeatSettings,
  PoolSettings,
  ProcessSettings,
  RecycleSettings,
  RestartSettings,
  SetSettings,
  StopSettings
} from './settings.js'

export { parseCallOptions, parseCloseOptions } from './call-options.js'
export { parsePackages } from './package-requests.js'
export type * from './option-types.js'
export type * from './settings.js'

const PROCESS_OF_SET = ['env', 'cwd', 'execArgv', 'uid', 'gid', 'stdio', 'handles'] as const
const RESTART_OF_SET = ['intensity', 'period', 'minBackoff', 'maxBackoff', 'minLife']
const RESTART = [...RESTART_OF_SET, 'startsPerSecond']
const SET = [
  ...['replicas', 'concurrency', 'maxQueue', 'callTimeout', 'inactivityTimeout', 'paths', 'restart'],
  ...['recycle', 'heartbeat'],
  ...PROCESS_OF_SET
]
const POOL = [
  ...SET,
  ...['maxSpaces', 'spares', 'allow', 'maxBytes', 'execPath', 'stop', 'logger', 'ref', 'context']
]

/** As `child_process` takes them. */
const HIGHEST_ID = 2 ** 31 - 1
/** A value is held in one piece by both processes; what is larger belongs into a file or a stream. */
const HIGHEST_BYTES = 2 ** 31 - 1

/**
 * Reads the options of a pool into a complete, frozen record. Throws INVALID_OPTION for an unknown option, a wrong
 * type or an impossible value.
 */
export function parsePoolOptions(input: unknown): PoolSettings {
  const given = readOptions(input, POOL)
  const maxSpaces = pick(given, 'maxSpaces', integer(1), 16)
  const ref = pick(given, 'ref', boolean, false)
  const execPath = pick(given, 'execPath', text, process.execPath)
  return Object.freeze({
    ...setSettings(given, defaults(execPath, ref), maxSpaces, RESTART),
    given: Object.freeze([]),
    maxSpaces,
    spares: pick(given, 'spares', integer(0, maxSpaces), 0),
    allow: pick(given, 'allow', allowed, everyName),
    maxBytes: pick(given, 'maxBytes', integer(1, HIGHEST_BYTES), 268_435_456),
    stop: pick(given, 'stop', stop, DEFAULT_STOP),
    logger: given.get('logger'),
    ref,
    context: pick(given, 'context', reader, undefined)
  })
}

/** Reads the options of a set into a complete, frozen record: what it does not give holds as in the pool. */
export function parseSetOptions(input: unknown, pool: PoolSettings): SetSettings {
  return Object.freeze(setSettings(readOptions(input, SET), pool, pool.maxSpaces, RESTART_OF_SET))
}

/**
 * The first option that is given for a set which exists with another value of it. An option that is not given is as it
 * is in the set.
 */
export function conflictingOption(existing: SetSettings, wanted: SetSettings): string | undefined {
  return wanted.given.find((name) => !isDeepStrictEqual(valueOf(existing, name), valueOf(wanted, name)))
}

function valueOf(settings: SetSettings, name: string): unknown {
  const values: Record<string, unknown> = { ...settings.process, ...settings }
  return values[name]
}

const reader: Check<() => unknown> = (value, option) => {
  if (typeof value === 'function') return value as () => unknown
  throw invalidOption(option, 'a function', value)
}

const DEFAULT_STOP: StopSettings = Object.freeze({ ask: 1000, terminate: 2000 })

/** The figures of OTP's supervisors, systemd and Kubernetes were weighed for these. */
const DEFAULT_RESTART: RestartSettings = Object.freeze({
  intensity: 5,
  period: 60_000,
  minBackoff: 100,
  maxBackoff: 30_000,
  minLife: 10_000,
  startsPerSecond: 10
})

const NO_RECYCLING: RecycleSettings = Object.freeze({
  ...{ maxCalls: Infinity, maxAge: Infinity, maxMemory: Infinity, hardMemory: Infinity }
})

/** VS Code calls its extension host unresponsive after 3 s. */
const DEFAULT_HEARTBEAT: HeartbeatSettings = Object.freeze({ interval: 1000, missed: 3 })

function defaults(execPath: string, ref: boolean): SetSettings {
  return {
    replicas: Object.freeze({ min: 1, max: 1 }),
    concurrency: 64,
    maxQueue: 10_000,
    callTimeout: undefined,
    inactivityTimeout: 3_600_000,
    paths: modulePathsOfProgram(),
    restart: DEFAULT_RESTART,
    recycle: NO_RECYCLING,
    heartbeat: DEFAULT_HEARTBEAT,
    process: {
      ...{ execPath, execArgv: Object.freeze([]), env: harmless(process.env), cwd: process.cwd() },
      ...{ uid: undefined, gid: undefined, stdio: 'captured', handles: false, ref }
    },
    given: []
  }
}

function setSettings(
  given: GivenOptions,
  base: SetSettings,
  maxSpaces: number,
  restartNames: readonly string[]
): SetSettings {
  return {
    replicas: pick(given, 'replicas', replicas(maxSpaces), base.replicas),
    concurrency: pick(given, 'concurrency', integer(1, 65_535), base.concurrency),
    maxQueue: pick(given, 'maxQueue', integer(0), base.maxQueue),
    callTimeout: pick(given, 'callTimeout', timeoutOrNone, base.callTimeout),
    inactivityTimeout: pick(given, 'inactivityTimeout', timeoutOrNever, base.inactivityTimeout),
    paths: pick(given, 'paths', folders, base.paths),
    restart: pick(given, 'restart', restart(base.restart, restartNames), base.restart),
    recycle: pick(given, 'recycle', recycle(base.recycle), base.recycle),
    heartbeat: pick(given, 'heartbeat', heartbeat(base.heartbeat), base.heartbeat),
    process: processSettings(given, base.process),
    given: Object.freeze([...given.keys()])
  }
}

function processSettings(given: GivenOptions, base: ProcessSettings): ProcessSettings {
  return Object.freeze({
    ...base,
    env: pick(given, 'env', environment(process.env), base.env),
    cwd: pick(given, 'cwd', folder, base.cwd),
    execArgv: pick(given, 'execArgv', texts, base.execArgv),
    uid: pick(given, 'uid', integer(0, HIGHEST_ID), base.uid),
    gid: pick(given, 'gid', integer(0, HIGHEST_ID), base.gid),
    stdio: pick(given, 'stdio', oneOf('captured', 'inherit', 'ignore'), base.stdio),
    handles: pick(given, 'handles', boolean, base.handles)
  })
}

const folder: Check<string> = (value, option) => resolve(text(value, option))

const timeoutOrNone: Check<number | undefined> = (value, option) => {
  const timeout = positive('a number of milliseconds')(value, option)
  return timeout === Infinity ? undefined : timeout
}

const timeoutOrNever: Check<number> = (value, option) => {
  if (value === 0 || value === Infinity) return Infinity
  if (typeof value === 'number' && value > 0) return value
  throw invalidOption(option, 'a number of milliseconds of at least 0, or Infinity', value)
}

/** More replicas than the pool may have spaces could never be. */
function replicas(maxSpaces: number): Check<SetSettings['replicas']> {
  return (value, option) => {
    if (typeof value === 'number') {
      const count = integer(1, maxSpaces)(value, option)
      return Object.freeze({ min: count, max: count })
    }
    if (!isRecord(value)) {
      throw invalidOption(option, `an integer from 1 to ${maxSpaces}, or { min, max }`, value)
    }
    const given = readOptions(value, ['min', 'max'], option)
    const min = integer(1, maxSpaces)(given.get('min'), `${option}.min`)
    const max = integer(min, maxSpaces)(given.get('max'), `${option}.max`)
    return Object.freeze({ min, max })
  }
}

function restart(base: RestartSettings, names: readonly string[]): Check<RestartSettings> {
  return (value, option) => {
    const given = readOptions(value, names, option)
    const minBackoff = pick(given, 'minBackoff', milliseconds(), base.minBackoff, option)
    const maxBackoff = pick(given, 'maxBackoff', milliseconds(), base.maxBackoff, option)
    if (maxBackoff < minBackoff) {
      throw given.has('maxBackoff')
        ? invalidOption(`${option}.maxBackoff`, `at least minBackoff, which is ${minBackoff}`, maxBackoff)
        : invalidOption(`${option}.minBackoff`, `at most maxBackoff, which is ${maxBackoff}`, minBackoff)
    }
    return Object.freeze({
      intensity: pick(given, 'intensity', integer(0, Infinity), base.intensity, option),
      period: pick(given, 'period', milliseconds(1), base.period, option),
      minBackoff,
      maxBackoff,
      minLife: pick(given, 'minLife', milliseconds(), base.minLife, option),
      startsPerSecond: pick(given, 'startsPerSecond', positive('a number'), base.startsPerSecond, option)
    })
  }
}

function recycle(base: RecycleSettings): Check<RecycleSettings> {
  return (value, option) => {
    const given = readOptions(value, ['maxCalls', 'maxAge', 'maxMemory', 'hardMemory'], option)
    return Object.freeze({
      maxCalls: pick(given, 'maxCalls', integer(1, Infinity), base.maxCalls, option),
      maxAge: pick(given, 'maxAge', positive('a number of milliseconds'), base.maxAge, option),
      maxMemory: pick(given, 'maxMemory', integer(1, Infinity), base.maxMemory, option),
      hardMemory: pick(given, 'hardMemory', integer(1, Infinity), base.hardMemory, option)
    })
  }
}

/** Half of an interval is for timers that are late: they are so by 1 to 2 ms, on a busy machine by 5. */
const SHORTEST_INTERVAL = 10

const interval: Check<number> = (value, option) => {
  if (typeof value === 'number' && value >= SHORTEST_INTERVAL) return value
  throw invalidOption(option, `a number of milliseconds of at least ${SHORTEST_INTERVAL}, or Infinity`, value)
}

function heartbeat(base: HeartbeatSettings): Check<HeartbeatSettings> {
  return (value, option) => {
    const given = readOptions(value, ['interval', 'missed'], option)
    return Object.freeze({
      interval: pick(given, 'interval', interval, base.interval, option),
      missed: pick(given, 'missed', integer(1), base.missed, option)
    })
  }
}

const stop: Check<StopSettings> = (value, option) => {
  const given = readOptions(value, ['ask', 'terminate'], option)
  return Object.freeze({
    ask: pick(given, 'ask', milliseconds(), DEFAULT_STOP.ask, option),
    terminate: pick(given, 'terminate', milliseconds(), DEFAULT_STOP.terminate, option)
  })
}
