import type { Replica } from './replica.js'

/**
 * The replicas of one set: those in a slot take calls; those beside are ending, or not yet in a slot. A slot keeps its
 * number when its space is rebuilt, so that affinity holds.
 */
export class Slots {
  /** By number; the same array all the time. */
  readonly list: readonly (Replica | undefined)[]
  private readonly slots: (Replica | undefined)[]
  private readonly beside = new Set<Replica>()

  constructor(count: number) {
    this.slots = new Array<undefined>(count).fill(undefined)
    this.list = this.slots
  }

  get length(): number {
    return this.slots.length
  }

  /** All that have not ended. */
  get all(): Replica[] {
    return [...this.filled, ...this.beside]
  }

  get filled(): Replica[] {
    return this.slots.filter((replica) => replica !== undefined)
  }

  /** The numbers of those without a replica. */
  get empty(): number[] {
    return [...this.slots.keys()].filter((slot) => this.slots[slot] === undefined)
  }

  get hasEmpty(): boolean {
    return this.slots.includes(undefined)
  }

  has(replica: Replica): boolean {
    return this.slots.includes(replica)
  }

  /** -1 for one beside. */
  numberOf(replica: Replica): number {
    return this.slots.indexOf(replica)
  }

  /** Into an empty slot. */
  fill(slot: number, replica: Replica): void {
    this.slots[slot] = replica
  }

  /** It has no slot yet. */
  addBeside(replica: Replica): void {
    this.beside.add(replica)
  }

  /** Into a slot of its own, one more. */
  append(replica: Replica): void {
    this.beside.delete(replica)
    this.slots.push(replica)
  }

  /** One that is beside takes the slot of another, which is ending. False when that one has none any more. */
  exchange(old: Replica, fresh: Replica): boolean {
    const slot = this.slots.indexOf(old)
    if (slot < 0) return false
    this.slots[slot] = fresh
    this.beside.delete(fresh)
    this.beside.add(old)
    return true
  }

  /** It is ending, and its slot is empty. False when it had none. */
  takeOut(replica: Replica): boolean {
    const slot = this.slots.indexOf(replica)
    this.beside.add(replica)
    if (slot < 0) return false
    this.slots[slot] = undefined
    return true
  }

  /** One that was taken out has ended. */
  forget(replica: Replica): void {
    this.beside.delete(replica)
  }

  /** One empty slot less. */
  removeEmpty(): void {
    const slot = this.slots.indexOf(undefined)
    if (slot >= 0) this.slots.splice(slot, 1)
  }

  /** The last slot less; what was in it is ending. */
  removeLast(): void {
    const replica = this.slots.pop()
    if (replica !== undefined) this.beside.add(replica)
  }

  /** So many, all empty. */
  reset(count: number): void {
    for (const replica of this.filled) this.beside.add(replica)
    this.slots.length = 0
    for (let slot = 0; slot < count; slot++) this.slots.push(undefined)
  }
}
