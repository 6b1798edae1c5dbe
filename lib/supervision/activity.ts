import type { KeepAlive } from './keep-alive.js'
import type { Clock, DueList, Entry, Timetable } from './timetable.js'

/** The replica in which something goes on, or nothing does. */
export interface ActiveReplica {
  /** Calls it has and has not answered. */
  readonly inFlight: number
  /** A package is being loaded into it. */
  readonly isLoading: boolean
  /** It has got something to do. */
  busy(): void
  /** Its time without activity is over. */
  inactive(): void
}

/** Whether anything goes on in a replica, since when nothing does, and when that has been so for too long. */
export class Activity implements Entry {
  deadline = 0
  list: DueList | undefined
  previous: Entry | undefined
  next: Entry | undefined
  /** Streams that something is waited for from; these are no calls. */
  private streamsAsked = 0
  private last: number

  constructor(
    /** ms without activity that are too long; Infinity for none. */
    private readonly timeout: number,
    private readonly clock: Clock,
    private readonly timetable: Timetable,
    private readonly keepAlive: KeepAlive,
    private readonly replica: ActiveReplica
  ) {
    this.last = clock()
  }

  get goesOn(): boolean {
    return this.replica.inFlight + this.streamsAsked > 0
  }

  /** ms since something was in flight or a callback was called. */
  get idleFor(): number {
    return this.goesOn || this.replica.isLoading ? 0 : this.clock() - this.last
  }

  /** Something was done just now. */
  touch(): void {
    this.last = this.clock()
  }

  /** Something is asked of a stream: 1, or was answered: -1. */
  streamAsked(change: 1 | -1): void {
    if (change > 0) this.keepAlive.begin()
    else this.keepAlive.end()
    this.streamsAsked += change
    this.touch()
    if (this.streamsAsked === 1 && change > 0 && this.replica.inFlight === 0) this.replica.busy()
  }

  /** Too long counts from now on. */
  watch(): void {
    this.timetable.add(this, this.timeout)
  }

  stop(): void {
    this.timetable.remove(this)
  }

  due(): void {
    const left = Math.ceil(this.timeout - this.idleFor)
    if (left > 0) this.timetable.add(this, left)
    else this.replica.inactive()
  }
}
