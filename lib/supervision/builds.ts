import type { Replica } from './replica.js'
import type { Slots } from './slots.js'

/** The set whose replicas are built. */
export interface BuiltSet {
  /** A replica of this generation, without a space yet. */
  make(generation: number): Replica
  /** One stands ready in its slot. */
  built(): void
  /** None could be had for this slot, which is empty again. */
  notBuilt(slot: number, error: Error): void
}

/** Builds the replicas of a set, and counts how often that was done. */
export class Builds {
  /** What was built since the last one went, or since all of them were to be replaced, is one generation. */
  generation = 0
  private isOver = true

  constructor(
    private readonly slots: Slots,
    private readonly set: BuiltSet
  ) {}

  /** What is made next is another generation. */
  endGeneration(): void {
    this.isOver = true
  }

  /** A replica that is to be built. */
  make(): Replica {
    if (this.isOver) this.generation++
    this.isOver = false
    return this.set.make(this.generation)
  }

  /** Builds one in each slot. Rejects when one of them cannot be had. */
  async establish(): Promise<void> {
    const building = this.slots.empty.map(async (slot) => {
      const replica = this.makeIn(slot)
      await replica.build(undefined, false)
      replica.tellReady()
    })
    const results = await Promise.allSettled(building)
    const failed = results.find((result) => result.status === 'rejected')
    if (failed !== undefined) throw failed.reason as Error
  }

  /** Builds one in this empty slot, though some of its packages may not load. */
  start(slot: number): void {
    const replica = this.makeIn(slot)
    replica.build(undefined, true).then(
      () => {
        replica.tellReady()
        this.set.built()
      },
      (error: Error) => this.failed(replica, error)
    )
  }

  startMissing(): void {
    for (const slot of this.slots.empty) this.start(slot)
  }

  /** A replica is ending. */
  takeOut(replica: Replica): void {
    if (this.slots.takeOut(replica)) this.endGeneration()
  }

  private makeIn(slot: number): Replica {
    const replica = this.make()
    this.slots.fill(slot, replica)
    return replica
  }

  /** A crash is told when the space ends; here is what never had one. */
  private failed(replica: Replica, error: Error): void {
    if (replica.space !== undefined) return
    const slot = this.slots.numberOf(replica)
    this.takeOut(replica)
    this.slots.forget(replica)
    // One that was taken out before has no slot: it was given up, and nothing waits for it.
    if (slot >= 0) this.set.notBuilt(slot, error)
  }
}
