import type { Builds } from './builds.js'
import type { PoolContext } from './context.js'
import type { Replica } from './replica.js'
import type { SetNews } from './set-news.js'
import type { Slots } from './slots.js'

type Reason = 'recycle' | 'memory'

/** The set whose replicas are replaced. */
export interface ReplacedSet {
  state(): 'establishing' | 'up' | 'down' | 'probing' | 'removed'
  /** One that takes calls stands where another was. */
  replaced(): void
}

/** Puts new replicas where others are, without a failed call: the new one is built first, and the other one is drained. */
export class Replacements {
  /** Those that a new one is being built for, or that are looked at again later. */
  private readonly going = new WeakSet<Replica>()

  constructor(
    private readonly slots: Slots,
    private readonly builds: Builds,
    private readonly context: PoolContext,
    private readonly news: SetNews,
    private readonly set: ReplacedSet
  ) {}

  /** Each of these, one after another. Rejects when a new one cannot be had; settles when the others have ended. */
  async replaceAll(replicas: readonly Replica[]): Promise<void> {
    this.builds.endGeneration()
    const retiring: Promise<void>[] = []
    try {
      for (const replica of replicas) retiring.push((await this.replace(replica, 'recycle')).retiring)
    } finally {
      await Promise.all(retiring)
    }
  }

  /** This one, which is due. When a new one cannot be had, or not now, it stays and is looked at again later. */
  replaceDue(replica: Replica, reason: Reason): void {
    const state = this.set.state()
    if (state === 'removed' || this.going.has(replica) || !this.slots.has(replica)) return
    this.going.add(replica)
    if (state !== 'up') return this.lookAgain(replica)
    this.builds.endGeneration()
    this.replace(replica, reason).catch((error: unknown) => {
      this.news.notReplaced(error)
      this.lookAgain(replica)
    })
  }

  /** Ends this one, which is out of its slot, when it has answered what it has; at most a while later. */
  async retire(old: Replica, reason: Reason): Promise<void> {
    if (old.state !== 'ready') return old.stop(reason)
    const ended = old.space?.ended
    old.drain(reason)
    if (old.inFlight === 0) return old.stop(reason)
    const { timetable, bounds } = this.context
    const cancel = timetable.schedule(bounds.drain, () => void old.stop(reason))
    await ended
    cancel()
  }

  private lookAgain(replica: Replica): void {
    const { timetable, bounds } = this.context
    timetable.schedule(bounds.shortestLife, () => {
      this.going.delete(replica)
      replica.considerRecycling()
    })
  }

  /** The promise in the result settles when the old one has ended. */
  private async replace(old: Replica, reason: Reason): Promise<{ retiring: Promise<void> }> {
    const place = await this.context.capacity.acquireExtra()
    if (this.isGone(old)) {
      this.context.capacity.release(place)
      return { retiring: Promise.resolve() }
    }
    const fresh = this.builds.make()
    this.slots.addBeside(fresh)
    try {
      await fresh.build(place, false)
    } catch (error) {
      void fresh.stop('recycle')
      if (fresh.space === undefined) {
        this.slots.forget(fresh)
        this.context.capacity.release(place)
      }
      throw error
    }
    if (this.isGone(old)) return { retiring: fresh.stop('recycle') }
    this.slots.exchange(old, fresh)
    ;[fresh.place, old.place] = [old.place, place]
    fresh.tellReady()
    this.set.replaced()
    return { retiring: this.retire(old, reason) }
  }

  /** It crashed, or was evicted, and what came instead is new as well; or nothing is to come any more. */
  private isGone(old: Replica): boolean {
    return this.set.state() === 'removed' || !this.slots.has(old)
  }
}
