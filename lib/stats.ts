/** One space as `stats()` tells it. */
export interface SpaceStats {
  readonly id: number
  /** Null while its process is being started. */
  readonly pid: number | null
  /** The set it serves; null for a spare. */
  readonly key: string | null
  /** The names of the packages it holds. */
  readonly packages: readonly string[]
  readonly state: 'starting' | 'loading' | 'ready' | 'draining' | 'stopping'
  /** Calls it has and has not answered. */
  readonly inFlight: number
  /** Calls it was given. */
  readonly calls: number
  readonly generation: number
  /** Milliseconds from its start. */
  readonly uptime: number
  /** Resident memory in bytes, as it last reported, at most once a second while it works; null before that. */
  readonly memory: number | null
}

/** One set as `stats()` tells it. */
export interface SetStats {
  readonly key: string
  readonly packages: readonly string[]
  /** Calls that wait for a space. */
  readonly queued: number
  readonly inFlight: number
  /** Calls made. */
  readonly calls: number
  /** Calls that rejected, for whatever reason. */
  readonly errors: number
  /** Spaces started in the place of one that crashed. */
  readonly restarts: number
  readonly evictions: number
  /** How many times a space of the set was built. */
  readonly generation: number
  /** True: its spaces crashed too often, and calls fail at once. */
  readonly down: boolean
  /** Live objects in its spaces that the host refers to. */
  readonly references: number
  /** Functions of the host that its spaces may call. */
  readonly callbacks: number
}

/** What `stats()` of a pool returns: a plain object, as things are at that moment. */
export interface PoolStats {
  readonly spaces: readonly SpaceStats[]
  readonly sets: readonly SetStats[]
  readonly queued: number
  readonly inFlight: number
}
