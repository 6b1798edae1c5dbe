/** Something with a deadline: part of a list of those with the same duration, so that it leaves without a search. */
export interface Entry {
  /** Called at the deadline. The entry has left the timetable then. */
  due(): void
  deadline: number
  list: DueList | undefined
  previous: Entry | undefined
  next: Entry | undefined
}

/** Entries of one duration: the first is due first. */
export interface DueList {
  readonly duration: number
  first: Entry | undefined
  last: Entry | undefined
}

/** ms since some moment; never jumps. */
export type Clock = () => number
/** As setTimeout and clearTimeout, and setImmediate. */
export interface TimerSystem {
  set(then: () => void, ms: number): NodeJS.Timeout
  clear(timer: NodeJS.Timeout): void
  turn(then: () => void): void
}

const systemTimers: TimerSystem = {
  set: (then, ms) => setTimeout(then, ms).unref(),
  clear: (timer) => clearTimeout(timer),
  turn: (then) => void setImmediate(then)
}

/** A timer of Node holds no more ms than this; a longer one is armed again. */
const LONGEST_TIMER = 2 ** 31 - 1
const settled = Promise.resolve()
/** Lists of durations that nobody uses are kept up to this number, since most come again. */
const LISTS_KEPT = 32

/**
 * All deadlines of a pool, with one timer for the nearest. Most deadlines (of calls) never come: adding and removing
 * one is a few pointers, and the timer is not touched. (A timer for each call costs a third of all calls at 1024 in
 * flight, Node 20.)
 */
export class Timetable {
  private readonly lists = new Map<number, DueList>()
  private timer: NodeJS.Timeout | undefined
  private armedFor = Infinity
  private reading: number | undefined
  /** The list that was used last: most calls have the same duration. */
  private latest: DueList | undefined
  /** Deadlines count from here, in whole ms: so they are small integers, which need no memory of their own in V8. */
  private readonly origin: number

  constructor(
    private readonly clock: Clock,
    private readonly timers: TimerSystem = systemTimers
  ) {
    this.origin = Math.floor(clock())
  }

  /** `entry.due()` will be called after so many ms, unless it is removed first. */
  add(entry: Entry, duration: number): void {
    if (duration === Infinity) return
    const list = this.latest?.duration === duration ? this.latest : this.listOf(duration)
    const { last } = list
    entry.deadline = Math.ceil(this.now() + duration)
    entry.list = list
    entry.previous = last
    entry.next = undefined
    if (last === undefined) list.first = entry
    else last.next = entry
    list.last = entry
    if (entry.deadline < this.armedFor) this.arm(entry.deadline)
  }

  remove(entry: Entry): void {
    const { list, previous, next } = entry
    if (list === undefined) return
    if (previous === undefined) list.first = next
    else previous.next = next
    if (next === undefined) list.last = previous
    else next.previous = previous
    entry.list = entry.previous = entry.next = undefined
  }

  /** Calls `then` after so many ms, unless the function it returns is called first. */
  readonly schedule = (duration: number, then: () => void): (() => void) => {
    const entry: Entry = { due: then, deadline: 0, list: undefined, previous: undefined, next: undefined }
    this.add(entry, duration)
    return () => this.remove(entry)
  }

  /** Nothing is due any more. */
  clear(): void {
    this.lists.clear()
    this.latest = undefined
    if (this.timer !== undefined) this.timers.clear(this.timer)
    this.timer = undefined
    this.armedFor = Infinity
  }

  private listOf(duration: number): DueList {
    const list = this.lists.get(duration) ?? { duration, first: undefined, last: undefined }
    this.lists.set(duration, list)
    this.latest = list
    return list
  }

  /** One reading of the clock serves all that is added in one go. */
  private now(): number {
    if (this.reading !== undefined) return this.reading
    this.reading = this.read()
    // A tenth of what queueMicrotask costs, which makes an AsyncResource (Node 20 to 26).
    void settled.then(this.forgetReading)
    return this.reading
  }

  private readonly forgetReading = (): void => {
    this.reading = undefined
  }

  private read(): number {
    return this.clock() - this.origin
  }

  private arm(deadline: number): void {
    if (this.timer !== undefined) this.timers.clear(this.timer)
    this.armedFor = deadline
    const wait = Math.ceil(deadline - this.read())
    this.timer = this.timers.set(() => this.fire(), Math.min(Math.max(wait, 1), LONGEST_TIMER))
  }

  /**
   * Timers come before what has arrived. It may be this process that was busy, and what is waited for is there: an
   * answer, or the exit of a process. So that is read first.
   */
  private fire(): void {
    this.timer = undefined
    this.timers.turn(() => this.callDue())
  }

  private callDue(): void {
    // Nearer deadlines may have been added in between; all that are due are called now.
    if (this.timer !== undefined) this.timers.clear(this.timer)
    this.timer = undefined
    this.armedFor = Infinity
    try {
      this.callAllDue(this.read())
    } finally {
      const nearest = this.nearest()
      if (nearest < this.armedFor) this.arm(nearest)
    }
  }

  private callAllDue(at: number): void {
    for (const list of [...this.lists.values()]) {
      while (list.first !== undefined && list.first.deadline <= at) {
        const entry = list.first
        this.remove(entry)
        entry.due()
      }
      if (list.first === undefined && this.lists.size > LISTS_KEPT) this.drop(list)
    }
    this.latest = undefined
  }

  /** What is due after it in this round may add to the same duration: not to a list that nobody looks at any more. */
  private drop(list: DueList): void {
    this.lists.delete(list.duration)
    if (this.latest === list) this.latest = undefined
  }

  private nearest(): number {
    let nearest = Infinity
    for (const list of this.lists.values()) {
      if (list.first !== undefined && list.first.deadline < nearest) nearest = list.first.deadline
    }
    return nearest
  }
}
