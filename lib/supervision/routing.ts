import type { Replica } from './replica.js'

/** What makes a replica able to take one more call. */
export interface RoutingLimits {
  /** Calls in flight in one space. */
  readonly concurrency: number
  /** Bytes a space may not have taken yet. */
  readonly unsent: number
}

/**
 * The replica for a call: the one with the fewest calls in flight, or with an affinity always the same one, as long as
 * there are as many. Undefined when it would have to wait.
 */
export function chooseReplica(
  slots: readonly (Replica | undefined)[],
  limits: RoutingLimits,
  affinity: string | number | undefined
): Replica | undefined {
  // Most sets have one.
  if (slots.length === 1) return replicaAt(0, slots, limits)
  if (affinity !== undefined) return replicaAt(slotOf(affinity, slots.length), slots, limits)
  let chosen: Replica | undefined
  for (let place = 0; place < slots.length; place++) {
    const replica = slots[place]
    if (replica === undefined || !takes(replica, limits)) continue
    if (chosen === undefined || replica.inFlight < chosen.inFlight) chosen = replica
  }
  return chosen
}

/** The replica in this slot, if it takes one more call. */
export function replicaAt(
  slot: number,
  slots: readonly (Replica | undefined)[],
  limits: RoutingLimits
): Replica | undefined {
  const replica = slots[slot]
  return replica !== undefined && takes(replica, limits) ? replica : undefined
}

/** The slot that this value of affinity leads to, as long as there are so many. */
export function slotOf(affinity: string | number, slots: number): number {
  return hash(String(affinity)) % slots
}

function takes(replica: Replica, { concurrency, unsent }: RoutingLimits): boolean {
  return replica.accepting && replica.inFlight < concurrency && replica.unsentBytes <= unsent
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let place = 0; place < text.length; place++) {
    value = Math.imul(value ^ text.charCodeAt(place), 0x01000193)
  }
  return value >>> 0
}
