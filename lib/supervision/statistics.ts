import type { PoolStats, SetStats, SpaceStats } from '../stats.js'
import type { Space } from '../space/space.js'
import type { Replica } from './replica.js'
import type { SetSupervisor } from './set-supervisor.js'

/** The figures of a pool. */
export function poolStats(sets: readonly SetSupervisor[], spares: readonly Space[]): PoolStats {
  const ofSets = sets.map(setStats)
  return {
    spaces: [...sets.flatMap(spacesOf), ...spares.map(spareStats)],
    sets: ofSets,
    queued: ofSets.reduce((sum, { queued }) => sum + queued, 0),
    inFlight: ofSets.reduce((sum, { inFlight }) => sum + inFlight, 0)
  }
}

export function setStats(set: SetSupervisor): SetStats {
  const { key, replicas } = set
  const { count: calls, errors } = set.calls
  const { restarts, evictions, generation, state } = replicas
  return {
    key,
    packages: set.packages.map(({ as }) => as),
    queued: set.queued,
    inFlight: set.inFlight,
    ...{ calls, errors, restarts, evictions, generation },
    down: state === 'down' || state === 'probing',
    references: replicas.all.reduce((sum, { references }) => sum + references, 0),
    callbacks: replicas.all.reduce((sum, { space }) => sum + (space?.callbacks ?? 0), 0)
  }
}

function spacesOf(set: SetSupervisor): SpaceStats[] {
  return set.replicas.all.flatMap((replica) =>
    replica.space === undefined ? [] : [spaceStats(set, replica, replica.space)]
  )
}

function spaceStats(set: SetSupervisor, replica: Replica, space: Space): SpaceStats {
  const { inFlight, calls, generation } = replica
  const state = replica.state === 'waiting' || replica.state === 'ended' ? 'stopping' : replica.state
  const packages = replica.packages.names
  return { ...factsOf(space), key: set.key, packages, state, inFlight, calls, generation }
}

function spareStats(space: Space): SpaceStats {
  const state = space.state === 'exited' ? 'stopping' : space.state
  return { ...factsOf(space), key: null, packages: [], state, inFlight: 0, calls: 0, generation: 0 }
}

function factsOf(space: Space): Pick<SpaceStats, 'id' | 'pid' | 'uptime' | 'memory'> {
  return { id: space.id, pid: space.pid ?? null, uptime: space.uptime, memory: space.memory }
}
