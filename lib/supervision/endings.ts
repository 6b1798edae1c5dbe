import type { SpaceEnd } from '../space/space-end.js'
import type { Recovery } from './recovery.js'
import type { Replica } from './replica.js'

/** The set whose spaces end. */
export interface EndingSet {
  state(): 'establishing' | 'up' | 'down' | 'probing' | 'removed'
  /** How many replicas are ready. */
  ready(): number
}

/** The spaces of one set that have ended: each is told, and then it is decided what follows from it. */
export class Endings {
  /** Who hears of an end must not start what is to wait, so nothing is started before the decision. */
  areDecided = true
  /** What is to be decided when the set is established. */
  private readonly early: (() => void)[] = []

  constructor(
    private readonly recovery: Recovery,
    private readonly set: EndingSet
  ) {}

  /** `slot` is the one it had, -1 of one that was to be a further one, undefined where nothing is missing without it. */
  ended(replica: Replica, end: SpaceEnd, slot: number | undefined): void {
    const decide = (): void => this.decide(replica, end, slot)
    this.beforeStarts(() => {
      replica.tellEnd(end)
      if (this.set.state() === 'establishing') this.early.push(decide)
      else decide()
    })
  }

  /** The set is established: what crashed while others were loading is missed as of now. */
  established(): void {
    this.beforeStarts(() => {
      for (const decide of this.early.splice(0)) decide()
    })
  }

  private beforeStarts(decide: () => void): void {
    const { areDecided } = this
    this.areDecided = false
    decide()
    this.areDecided = areDecided
  }

  private decide(replica: Replica, end: SpaceEnd, slot: number | undefined): void {
    if (this.set.state() === 'removed') return
    const { cause } = end
    if (cause === undefined || slot === undefined) return this.recovery.ended()
    if (cause === 'start') return this.recovery.startFailed(slot, replica.lossError(end, 'loading'))
    this.recovery.crashed({ slot, cause, lived: replica.lived }, this.set.ready())
  }
}
