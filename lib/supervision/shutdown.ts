import type { PoolContext } from './context.js'

/** A set that ends with its pool, or before it. */
export interface EndingSet {
  readonly queued: number
  readonly inFlight: number
  /** Settles when its spaces have ended. */
  end(reason: 'remove' | 'close'): Promise<void>
  kill(): void
}

/** What the sets of a pool share, as far as it has an end. */
export interface EndingContext extends Pick<
  PoolContext,
  'clock' | 'timetable' | 'keepAlive' | 'announce' | 'logger'
> {
  readonly capacity: { close(): void }
  readonly spares: {
    readonly all: readonly { readonly space: { stop(): Promise<unknown>; kill(): void } }[]
    close(): void
  }
}

/** The end of a pool: new work is refused, what is pending has a while to settle, and then everything ends. */
export class Shutdown {
  private ending: Promise<void> | undefined
  /** Sets that are forgotten already, while their spaces end. */
  private readonly leaving = new Map<EndingSet, Promise<void>>()
  private stopWaiting: () => void = () => undefined

  constructor(
    private readonly sets: { readonly all: readonly EndingSet[] },
    private readonly context: EndingContext,
    private readonly starts: { giveUp(): void; close(): void }
  ) {}

  /** The pool takes no new work. */
  get hasBegun(): boolean {
    return this.ending !== undefined
  }

  /** Waits until nothing is pending, at most so many ms, and ends everything. */
  drain(timeout: number): Promise<void> {
    this.ending ??= this.drainAndEnd(timeout)
    return this.ending
  }

  /** Ends everything at once. */
  hurry(): Promise<void> {
    this.ending ??= this.drainAndEnd(0)
    this.stopWaiting()
    this.killAll()
    return this.ending
  }

  /** Ends a set that the pool has forgotten. */
  async endForgotten(set: EndingSet): Promise<void> {
    const ending = set.end('remove')
    this.leaving.set(set, ending)
    await ending
    this.leaving.delete(set)
  }

  private async drainAndEnd(timeout: number): Promise<void> {
    const { clock, timetable, keepAlive, announce, logger } = this.context
    const deadline = clock() + timeout
    await Promise.race([keepAlive.idle(), new Promise<void>((resolve) => this.wait(timeout, resolve))])
    const failed = this.sets.all.reduce((sum, set) => sum + set.inFlight + set.queued, 0)
    const ended = this.endAll()
    if (failed > 0 || timeout === 0) this.killAll()
    else timetable.schedule(Math.max(0, deadline - clock()), () => this.killAll())
    await keepAlive.during(ended)
    timetable.clear()
    this.starts.close()
    keepAlive.close()
    announce('close', { failed })
    logger.info({ failed }, 'pool closed')
  }

  /** The wait of `drain`, which `hurry` ends. */
  private wait(timeout: number, then: () => void): void {
    const cancel = this.context.timetable.schedule(timeout, then)
    this.stopWaiting = () => {
      cancel()
      then()
    }
  }

  private endAll(): Promise<unknown> {
    const { capacity, spares } = this.context
    capacity.close()
    spares.close()
    const ended = Promise.all([
      ...this.sets.all.map((set) => set.end('close')),
      ...spares.all.map(({ space }) => space.stop()),
      ...this.leaving.values()
    ])
    this.starts.giveUp()
    return ended
  }

  private killAll(): void {
    for (const set of [...this.sets.all, ...this.leaving.keys()]) set.kill()
    for (const { space } of this.context.spares.all) space.kill()
  }
}
