import type { RecycleSettings } from '../settings.js'
import type { Schedule } from '../space/schedule.js'
import { drawLimits, nextLook, recycleReason, type RecycleLimits, type SpaceLife } from './recycle-policy.js'
import type { Clock } from './timetable.js'

/** The space that is replaced when it has done or has got enough. */
export interface RecycledSpace {
  /** What it has been through; undefined while it is not ready, or not any more. */
  life(): SpaceLife | undefined
  /** It should be replaced, between calls. */
  due(reason: 'recycle' | 'memory'): void
}

/** Says when a space is to be replaced by a new one: the policy of recycling with a clock. */
export class Recycling {
  readonly limits: RecycleLimits
  private lookAt = Infinity
  private cancelLook: (() => void) | undefined

  constructor(
    settings: RecycleSettings,
    /** ms */
    private readonly shortestLife: number,
    private readonly clock: Clock,
    private readonly schedule: Schedule,
    private readonly space: RecycledSpace
  ) {
    this.limits = drawLimits(settings)
  }

  /** Says so now if it is due, else looks again when it may be: for its age, or when it has lived long enough. */
  consider(): void {
    const life = this.space.life()
    if (life === undefined) return
    const reason = recycleReason(life, this.limits, this.shortestLife)
    if (reason !== undefined) return this.space.due(reason === 'memory' ? 'memory' : 'recycle')
    const wait = nextLook(life, this.limits, this.shortestLife)
    const at = this.clock() + wait
    // Whatever else changes, only calls and memory that have reached their limit bring the look forward.
    if (wait === Infinity || at > this.lookAt - 1) return
    this.cancelLook?.()
    this.lookAt = at
    this.cancelLook = this.schedule(Math.ceil(wait), () => {
      this.lookAt = Infinity
      this.consider()
    })
  }

  stop(): void {
    this.cancelLook?.()
  }
}
