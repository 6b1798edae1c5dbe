import type { Announce } from '../events.js'
import type { Logger } from '../logger.js'
import type { PoolSettings, ProcessSettings } from '../settings.js'
import type { SpaceOwner } from '../space/space-owner.js'
import type { Space } from '../space/space.js'
import type { ContextOfCalls } from './caller.js'
import type { Capacity } from './capacity.js'
import type { KeepAlive } from './keep-alive.js'
import type { Spares } from './spares.js'
import type { Clock, Timetable } from './timetable.js'

/** ms and counts that are no options; tests have shorter ones. */
export interface Bounds {
  /** For one package to load. A whole application may take so long on a slow machine. */
  readonly load: number
  /** Until the log names those who hold the room another set waits for. */
  readonly roomWarning: number
  /** Until a set that waits for room gives up. */
  readonly room: number
  /** Without work until a replica above the minimum goes again. */
  readonly surplus: number
  /** For the calls in flight of a space that is replaced. */
  readonly drain: number
  /** Bytes that a space has not taken, beyond which it gets no further calls. */
  readonly unsent: number
  /** Bytes of parameters that may wait for one set. */
  readonly queue: number
  /** Functions of the host that one space may hold. */
  readonly callbacks: number
  /** That a space lives at least: a limit that it reaches sooner would only make it start again and again. */
  readonly shortestLife: number
  /** Until the first probe of a set that is down, at least; doubled with each that fails. As a circuit breaker's. */
  readonly firstProbe: number
  readonly lastProbe: number
  /** That a probe must live until its set is up again. */
  readonly probeLife: number
  /** After a start that failed; doubled with each that follows. A start that fails costs little, and calls wait for it. */
  readonly firstStartWait: number
  readonly lastStartWait: number
  /** That starts must have failed until the calls that wait for one are rejected. */
  readonly startPatience: number
}

export const defaultBounds: Bounds = {
  load: 30_000,
  roomWarning: 5_000,
  room: 60_000,
  surplus: 10_000,
  drain: 30_000,
  unsent: 16 * 1024 * 1024,
  queue: 512 * 1024 * 1024,
  callbacks: 10_000,
  shortestLife: 10_000,
  firstProbe: 30_000,
  lastProbe: 300_000,
  probeLife: 10_000,
  firstStartWait: 100,
  lastStartWait: 3_000,
  startPatience: 2_000
}

/** What the sets of one pool share. */
export interface PoolContext {
  readonly settings: PoolSettings
  readonly bounds: Bounds
  readonly clock: Clock
  readonly timetable: Timetable
  readonly keepAlive: KeepAlive
  readonly capacity: Capacity
  readonly spares: Spares
  readonly announce: Announce
  readonly logger: Logger
  /** Who makes calls and writes chains: the program. */
  readonly caller: ContextOfCalls
  /** Starts a blank space as soon as the limit on starts allows. */
  startSpace(process: ProcessSettings, owner: SpaceOwner): Space
  closed(): boolean
}
