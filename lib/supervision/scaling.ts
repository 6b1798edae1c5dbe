import type { SetSettings } from '../settings.js'
import type { PoolContext } from './context.js'
import type { Replica } from './replica.js'
import type { Slots } from './slots.js'

/** The set whose replicas become more and fewer. */
export interface ScaledSet {
  readonly settings: Pick<SetSettings, 'replicas' | 'concurrency'>
  /** One more stands ready in its slot. */
  built(): void
  /** Some slots are no more: what was bound to them leads to others. */
  shrunk(): void
  /** This one is being ended, because there was nothing for it to do. */
  evicting(replica: Replica): void
}

/** How many replicas a set has, between its minimum and maximum: one more when all are full, fewer when they are idle. */
export class Scaling {
  /** One more, which gets its slot when it is ready: nothing may be bound to what may never have room. */
  private growing: Replica | undefined
  private cancelLook: (() => void) | undefined

  constructor(
    private readonly slots: Slots,
    private readonly builds: { make(): Replica },
    private readonly context: PoolContext,
    private readonly set: ScaledSet
  ) {}

  /** There can be no more slots. */
  get isAtMost(): boolean {
    return this.slots.length === this.set.settings.replicas.max
  }

  isGrowing(replica: Replica): boolean {
    return replica === this.growing
  }

  /** Builds one more if all are full. */
  consider(): void {
    if (this.isAtMost || this.growing !== undefined) return
    const { concurrency } = this.set.settings
    const isFull = ({ state, inFlight }: Replica): boolean => state === 'ready' && inFlight >= concurrency
    if (this.slots.filled.every(isFull)) this.grow()
  }

  /** A replica is idle, or may stay so: those above the minimum go when they do. */
  becameIdle(): void {
    if (this.slots.length <= this.set.settings.replicas.min) return
    const { timetable, bounds } = this.context
    this.cancelLook ??= timetable.schedule(bounds.surplus, () => {
      this.cancelLook = undefined
      this.endSurplus()
    })
  }

  /** The one that is being built is not wanted any more; it is ended when it is ready, or waits for room no more. */
  giveUp(): void {
    const { growing } = this
    this.growing = undefined
    if (growing?.state === 'waiting') void growing.stop('recycle')
  }

  stop(): void {
    this.giveUp()
    this.cancelLook?.()
    this.cancelLook = undefined
  }

  private grow(): void {
    const replica = this.builds.make()
    this.growing = replica
    this.slots.addBeside(replica)
    replica.build(undefined, true).then(
      () => {
        if (this.growing !== replica) return void replica.stop('recycle')
        this.growing = undefined
        this.slots.append(replica)
        // What it was built for may be through by now.
        this.becameIdle()
        replica.tellReady()
        this.set.built()
      },
      () => {
        if (this.growing === replica) this.growing = undefined
        if (replica.space === undefined) this.slots.forget(replica)
      }
    )
  }

  private endSurplus(): void {
    const { length } = this.slots
    while (this.slots.length > this.set.settings.replicas.min) {
      const last = this.slots.list.at(-1)
      if (last !== undefined && !this.isSurplus(last)) break
      this.slots.removeLast()
      void last?.stop('evict')
      if (last !== undefined) this.set.evicting(last)
    }
    if (this.slots.length < length) this.set.shrunk()
    this.becameIdle()
  }

  /** With it goes what its packages keep, so it stays while something here refers to that. */
  private isSurplus({ spareable, idleFor }: Replica): boolean {
    return spareable && idleFor >= this.context.bounds.surplus
  }
}
