/** `starting` until it has said that it is ready. A space never goes back to an earlier state. */
export type SpaceState = 'starting' | 'ready' | 'draining' | 'stopping' | 'exited'

const order: readonly SpaceState[] = ['starting', 'ready', 'draining', 'stopping', 'exited']

/** The state that a space moves to. Throws where that is no later one. */
export function laterState(from: SpaceState, to: SpaceState): SpaceState {
  if (order.indexOf(to) > order.indexOf(from)) return to
  throw new Error(`a space cannot go from ${from} to ${to}`)
}
