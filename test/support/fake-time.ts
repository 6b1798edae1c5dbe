import type { Schedule } from '../../lib/space/schedule.js'
import type { TimerSystem } from '../../lib/supervision/timetable.js'

interface Timer {
  readonly at: number
  readonly then: () => void
}

/** A clock that stands still until it is moved, with the timers that go by it. */
export class FakeTime {
  now: number
  private readonly timers = new Set<Timer>()

  constructor(start = 0) {
    this.now = start
  }

  readonly clock = (): number => this.now

  readonly schedule: Schedule = (milliseconds, then) => {
    const timer: Timer = { at: this.now + milliseconds, then }
    this.timers.add(timer)
    return () => this.timers.delete(timer)
  }

  /** The same timers as a Timetable has them. */
  readonly timerSystem: TimerSystem = {
    set: (then, milliseconds) => this.schedule(milliseconds, then) as unknown as NodeJS.Timeout,
    clear: (cancel) => (cancel as unknown as () => void)(),
    turn: (then) => void this.schedule(0, then)
  }

  /** Timers that have not fired. */
  get pending(): number {
    return this.timers.size
  }

  /** ms until the nearest timer; Infinity without one. */
  get nearest(): number {
    return Math.min(...[...this.timers].map(({ at }) => at)) - this.now
  }

  /** Moves the clock, and fires what is due on the way, each at its moment. */
  advance(milliseconds: number): void {
    const end = this.now + milliseconds
    for (let timer = this.first(end); timer !== undefined; timer = this.first(end)) {
      this.now = Math.max(this.now, timer.at)
      this.timers.delete(timer)
      timer.then()
    }
    this.now = end
  }

  /** The process stood still for so long: what was due meanwhile fires now, late. */
  stall(milliseconds: number): void {
    this.now += milliseconds
    this.advance(0)
  }

  private first(until: number): Timer | undefined {
    const due = [...this.timers].filter(({ at }) => at <= until)
    return due.sort((left, right) => left.at - right.at)[0]
  }
}
