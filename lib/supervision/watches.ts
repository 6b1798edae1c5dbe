import type { SetSettings } from '../settings.js'
import type { Space } from '../space/space.js'
import type { PoolContext } from './context.js'
import { Heartbeat } from './heartbeat.js'
import { MemoryWatch } from './memory-watch.js'
import type { SpaceLife } from './recycle-policy.js'
import { Recycling } from './recycling.js'
import type { ReplicaNews } from './replica-news.js'

/** The replica whose space is watched. */
export interface WatchedReplica {
  readonly space: Space | undefined
  readonly news: ReplicaNews
  /** Calls it has and has not answered. */
  readonly inFlight: number
  /** A package is being loaded into it. */
  readonly isLoading: boolean
  /** There is something to do in it, be it only for a stream. */
  readonly isActive: boolean
  /** What it has been through; undefined while it is not ready, or not any more. */
  readonly life: SpaceLife | undefined
  /** It should be replaced, between calls. */
  due(reason: 'recycle' | 'memory'): void
}

/** What a space is watched for as long as it lives: signs of life, its memory, and when it has done enough. */
export class Watches {
  private readonly heartbeat: Heartbeat
  private readonly memory: MemoryWatch
  private readonly recycling: Recycling
  private isEnding = false
  private hasEnded = false

  constructor(
    private readonly replica: WatchedReplica,
    { heartbeat, recycle }: Pick<SetSettings, 'heartbeat' | 'recycle'>,
    { clock, bounds, timetable }: Pick<PoolContext, 'clock' | 'bounds' | 'timetable'>
  ) {
    const { schedule } = timetable
    this.heartbeat = new Heartbeat(heartbeat, clock, schedule, {
      busy: () => replica.isActive && !this.hasEnded,
      heard: () => replica.space?.heard ?? 0,
      ask: () => replica.space?.ping(),
      silent: (silence) => void this.noticeSilence(silence),
      answered: () => replica.news.responsive()
    })
    this.memory = new MemoryWatch(recycle.hardMemory, schedule, {
      pid: () => replica.space?.pid,
      busy: () => (replica.inFlight > 0 || replica.isLoading) && !this.isEnding,
      kill: () => replica.space?.kill('out-of-memory')
    })
    this.recycling = new Recycling(recycle, bounds.shortestLife, clock, schedule, {
      life: () => replica.life,
      due: (reason) => replica.due(reason)
    })
  }

  /** Calls after which it may be due to be replaced. */
  get mostCalls(): number {
    return this.recycling.limits.calls
  }

  /** It has got something to do, so it must be heard of. */
  busy(): void {
    this.heartbeat.start()
    this.memory.start()
  }

  /** Packages begin to load, which may need any memory. */
  loading(): void {
    this.memory.start()
  }

  /** It has told how much memory it has. */
  reported(): void {
    this.memory.enforce(this.replica.space?.memory ?? 0)
    this.recycling.consider()
  }

  /** It may be due to be replaced by now. */
  considerRecycling(): void {
    this.recycling.consider()
  }

  /** It is being ended, and must still answer until it has. */
  ending(): void {
    this.isEnding = true
    this.recycling.stop()
    this.memory.stop()
  }

  ended(): void {
    this.ending()
    this.hasEnded = true
    this.heartbeat.stop()
  }

  /** What it is doing is told, too, as far as it can be found out. */
  private async noticeSilence(silence: number): Promise<void> {
    const stack = await this.replica.space?.unblocking.lookInto()
    if (!this.hasEnded) this.replica.news.unresponsive('noticed', silence, stack)
  }
}
