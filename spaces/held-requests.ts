import type { Moved } from '../lib/wire/moved.js'
import { replaceMoved } from '../lib/wire/operands.js'
import { closeArrived, type Arrivals } from './arrivals.js'

/** A request that waits for what it was given, or behind such a one. */
interface Held {
  readonly id: number
  readonly moved: readonly Moved[]
  /** Lists of parameters in which the moved things have their places. */
  readonly parameters: readonly unknown[][]
  readonly run: () => void
  readonly timer: NodeJS.Timeout | undefined
  /** Why it will not run. */
  failure?: string
}

/** ms for a socket or server to arrive: it left the host when the request did. */
const ARRIVE_WITHIN = 10_000
const LATE = `a socket or server did not arrive within ${ARRIVE_WITHIN / 1000} s`
const CLOSED = 'a socket or server was closed on its way'
const NO_CHANNEL = 'the IPC channel of the space is closed'

/** Requests whose sockets and servers are still on their way, and those behind them: they run in the order they came. */
export class HeldRequests {
  private readonly queue: Held[] = []
  /** What has arrived; undefined where it could not be sent. */
  private readonly here = new Map<number, object | undefined>()
  /** Numbers of those that nobody wants any more. */
  private readonly unwanted = new Set<number>()
  private state: 'silent' | 'listening' | 'ended' = 'silent'

  constructor(
    private readonly arrivals: Arrivals,
    private readonly refuse: (id: number, reason: string) => void,
    private readonly within = ARRIVE_WITHIN
  ) {}

  get size(): number {
    return this.queue.length
  }

  /** Runs it when all of these are here and everything before it was run. */
  add(id: number, moved: readonly Moved[], parameters: readonly unknown[][], run: () => void): void {
    const held: Held = {
      id,
      moved,
      parameters,
      run,
      timer: this.deadline(moved, () => this.fail(held, LATE))
    }
    this.queue.push(held)
    this.listen()
    this.advance()
  }

  /** Nobody waits for it any more. False when it is not held. */
  drop(id: number): boolean {
    const place = this.queue.findIndex((held) => held.id === id)
    const [held] = place < 0 ? [] : this.queue.splice(place, 1)
    if (held === undefined) return false
    this.discard(held)
    this.advance()
    return true
  }

  private deadline(moved: readonly Moved[], late: () => void): NodeJS.Timeout | undefined {
    return moved.length === 0 ? undefined : setTimeout(late, this.within).unref()
  }

  private listen(): void {
    if (this.state !== 'silent') return
    this.state = 'listening'
    this.arrivals.listen(
      (number, thing) => this.arrived(number, thing),
      () => {
        this.state = 'ended'
        this.advance()
      }
    )
  }

  private arrived(number: number, thing: object | undefined): void {
    if (this.unwanted.delete(number)) return closeArrived(thing)
    this.here.set(number, thing)
    this.advance()
  }

  private fail(held: Held, reason: string): void {
    held.failure = reason
    this.advance()
  }

  private advance(): void {
    for (let held = this.queue[0]; held !== undefined; held = this.queue[0]) {
      const failure = held.failure ?? this.problemOf(held)
      if (failure === undefined && !held.moved.every(({ number }) => this.here.has(number))) return
      this.queue.shift()
      if (failure === undefined) this.go(held)
      else {
        this.discard(held)
        this.refuse(held.id, failure)
      }
    }
  }

  private problemOf({ moved }: Held): string | undefined {
    const missing = moved.filter(({ number }) => this.here.get(number) === undefined)
    if (missing.some(({ number }) => this.here.has(number))) return CLOSED
    return missing.length > 0 && this.state === 'ended' ? NO_CHANNEL : undefined
  }

  private go({ moved, parameters, run, timer }: Held): void {
    clearTimeout(timer)
    for (const list of parameters) replaceMoved(list, ({ number }) => this.here.get(number))
    for (const { number } of moved) this.here.delete(number)
    run()
  }

  private discard({ moved, timer }: Held): void {
    clearTimeout(timer)
    for (const { number } of moved) {
      if (!this.here.has(number)) this.unwanted.add(number)
      closeArrived(this.here.get(number))
      this.here.delete(number)
    }
  }
}
