import type { Place } from '../../lib/supervision/place.js'
import type { Replica, ReplicaState } from '../../lib/supervision/replica.js'

/** A replica without a process: what is done to it is noted, and its build succeeds or fails when a test says so. */
export class FakeReplica {
  state: ReplicaState = 'waiting'
  inFlight = 0
  idleFor = 0
  holds = 0
  place: Place | undefined
  space: { readonly ended: Promise<void> } | undefined
  /** In order. */
  readonly done: string[] = []
  private begun: (() => void) | undefined
  private refused: ((error: Error) => void) | undefined
  private over: () => void = () => undefined

  /** One that takes calls. */
  static ready(inFlight = 0): FakeReplica {
    const replica = new FakeReplica()
    replica.getSpace()
    replica.state = 'ready'
    replica.inFlight = inFlight
    return replica
  }

  get spareable(): boolean {
    return this.state === 'ready' && this.inFlight === 0 && this.holds === 0
  }

  get asReplica(): Replica {
    return this as unknown as Replica
  }

  build(place: Place | undefined): Promise<void> {
    this.done.push('build')
    this.place = place
    if (place !== undefined) this.getSpace()
    return new Promise((resolve, reject) => {
      this.begun = resolve
      this.refused = reject
    })
  }

  /** Its build succeeds; settles when everybody has heard of it. */
  async succeed(): Promise<void> {
    this.getSpace()
    this.state = 'ready'
    this.begun?.()
    await heard()
  }

  async fail(error: Error): Promise<void> {
    this.refused?.(error)
    await heard()
  }

  drain(reason: string): void {
    this.done.push(`drain: ${reason}`)
    this.state = 'draining'
  }

  stop(reason: string): Promise<void> {
    this.done.push(`stop: ${reason}`)
    this.state = 'stopping'
    return this.space?.ended ?? Promise.resolve()
  }

  /** Its process has ended. */
  async end(): Promise<void> {
    this.state = 'ended'
    this.over()
    await heard()
  }

  tellReady(): void {
    this.done.push('told')
  }

  considerRecycling(): void {
    this.done.push('considered')
  }

  private getSpace(): void {
    this.space ??= { ended: new Promise((resolve) => (this.over = resolve)) }
  }
}

/** Promises that have settled are heard of by all who wait for them, and by those who wait for these. */
function heard(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
