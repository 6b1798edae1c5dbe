import { resolve } from 'node:path'
import {
  type SpacePoolOptions,
  parseCallOptions,
  parsePoolOptions,
  type CallOptions
} from '../../lib/options.js'
import type { Announce, SpacePoolEventName, SpacePoolEvents } from '../../lib/events.js'
import { createLogger, type Logger } from '../../lib/logger.js'
import { SpacePool } from '../../lib/space-pool.js'
import type { Bounds } from '../../lib/supervision/context.js'
import type { SetSupervisor } from '../../lib/supervision/set-supervisor.js'
import { Supervisor } from '../../lib/supervision/supervisor.js'
import { packages } from '../spaces/fixtures.js'

/** The small packages of the tests, and those that spacepool is developed with. */
export const paths: readonly string[] = [packages, resolve(__dirname, '../../node_modules')]

const open = new Set<{ destroy(): Promise<void> }>()

/** A pool that finds the packages of the tests and starts spaces without a limit on their rate. */
export function newPool(options: SpacePoolOptions = {}): SpacePool {
  const pool = new SpacePool(withDefaults(options))
  open.add(pool)
  return pool
}

export interface SupervisorUnderTest {
  readonly supervisor: Supervisor
  /** All events so far, in order. */
  readonly events: { name: SpacePoolEventName; event: SpacePoolEvents[SpacePoolEventName] }[]
  /** Called with each of them, while it happens. */
  listener: (name: SpacePoolEventName) => void
  call(
    set: SetSupervisor,
    name: string,
    path: string,
    parameters?: unknown[],
    options?: CallOptions
  ): Promise<unknown>
}

/** What is beneath a pool, with bounds that no option sets. */
export function newSupervisor(
  options: SpacePoolOptions,
  bounds: Partial<Bounds>,
  logger: Logger = createLogger(undefined)
): SupervisorUnderTest {
  const events: SupervisorUnderTest['events'] = []
  const settings = parsePoolOptions(withDefaults(options))
  const announce: Announce = (name, event) => {
    events.push({ name, event })
    pool.listener(name)
  }
  const supervisor = new Supervisor(settings, announce, logger, bounds)
  open.add(supervisor)
  const pool: SupervisorUnderTest = {
    supervisor,
    events,
    listener: () => undefined,
    call: (set, name, path, parameters = [], given = {}) =>
      set.call(set.target(name, path), parameters, parseCallOptions(given))
  }
  return pool
}

/** For the hook after the tests that made pools. */
export async function destroyPools(): Promise<void> {
  const pools = [...open]
  open.clear()
  await Promise.all(pools.map((pool) => pool.destroy()))
}

function withDefaults(options: SpacePoolOptions): SpacePoolOptions {
  return { paths, ...options, restart: { startsPerSecond: Infinity, ...options.restart } }
}
