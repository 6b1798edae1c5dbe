import type { SpacePhase } from '../errors.js'
import type { SetSettings } from '../settings.js'
import type { SpaceEnd } from '../space/space-end.js'
import type { Space } from '../space/space.js'
import { Activity, type ActiveReplica } from './activity.js'
import { CallsInFlight, type CalledReplica } from './calls-in-flight.js'
import type { PoolContext } from './context.js'
import type { SpaceLife } from './recycle-policy.js'
import type { ReplicaNews } from './replica-news.js'
import type { Clock } from './timetable.js'
import { Watches, type WatchedReplica } from './watches.js'

/** The replica that does the work. */
export interface WorkingReplica {
  readonly space: Space | undefined
  readonly news: ReplicaNews
  /** It has its packages, and is not being ended. */
  readonly isReady: boolean
  /** What it and this process hold of each other. */
  readonly holds: number
  /** A package is being loaded into it. */
  readonly isLoading: boolean
  lossError(end: SpaceEnd, phase: SpacePhase): Error
}

/** Who is told what comes of it. */
export interface WorkloadListener {
  /** The last call in flight is through. */
  idle(): void
  /** Nothing has gone on for too long. */
  inactive(): void
  /** The replica should be replaced, between calls. */
  due(reason: 'recycle' | 'memory'): void
}

/** What goes on in a replica: its calls, since when there is nothing to do, and what its space is watched for meanwhile. */
export class Workload implements CalledReplica, ActiveReplica, WatchedReplica {
  readonly calls: CallsInFlight
  readonly activity: Activity
  readonly watches: Watches
  private readonly clock: Clock
  private readyAt = 0

  constructor(
    private readonly replica: WorkingReplica,
    settings: Pick<SetSettings, 'inactivityTimeout' | 'heartbeat' | 'recycle'>,
    context: Pick<PoolContext, 'clock' | 'timetable' | 'keepAlive' | 'bounds'>,
    private readonly listener: WorkloadListener
  ) {
    const { clock, timetable, keepAlive } = context
    this.clock = clock
    this.activity = new Activity(settings.inactivityTimeout, clock, timetable, keepAlive, this)
    this.watches = new Watches(this, settings, context)
    this.calls = new CallsInFlight(this, this.watches.mostCalls)
  }

  get space(): Space | undefined {
    return this.replica.space
  }

  get news(): ReplicaNews {
    return this.replica.news
  }

  get holds(): number {
    return this.replica.holds
  }

  get isLoading(): boolean {
    return this.replica.isLoading
  }

  /** Calls it has and has not answered. */
  get inFlight(): number {
    return this.calls.count
  }

  get isActive(): boolean {
    return this.activity.goesOn
  }

  get life(): SpaceLife | undefined {
    if (!this.replica.isReady) return undefined
    const { total: calls } = this.calls
    return { calls, age: this.clock() - this.readyAt, memory: this.space?.memory ?? null }
  }

  /** The replica is ready. */
  begin(): void {
    this.readyAt = this.clock()
    this.activity.touch()
    this.activity.watch()
    this.watches.considerRecycling()
  }

  /** Packages begin to load. */
  loading(): void {
    this.watches.loading()
  }

  busy(): void {
    this.watches.busy()
  }

  idle(): void {
    this.activity.touch()
    this.listener.idle()
  }

  inactive(): void {
    this.listener.inactive()
  }

  due(reason: 'recycle' | 'memory'): void {
    this.listener.due(reason)
  }

  considerRecycling(): void {
    this.watches.considerRecycling()
  }

  lossError(end: SpaceEnd, phase: SpacePhase): Error {
    return this.replica.lossError(end, phase)
  }

  /** The replica is being ended. */
  ending(): void {
    this.activity.stop()
    this.watches.ending()
  }

  ended(): void {
    this.activity.stop()
    this.watches.ended()
  }
}
