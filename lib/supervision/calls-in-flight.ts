import type { SpacePhase } from '../errors.js'
import { neverBegun, type SpaceEnd } from '../space/space-end.js'
import type { Space } from '../space/space.js'
import type { CallCarrier, PendingCall } from './pending-call.js'

/** The replica that calls are in flight in. */
export interface CalledReplica {
  readonly space: Space | undefined
  /** What it and this process hold of each other. */
  readonly holds: number
  /** A package is being loaded into it. */
  readonly isLoading: boolean
  /** The first call is in flight. */
  busy(): void
  /** It has had so many calls that it may be due to be replaced. */
  considerRecycling(): void
  /** The last call is through. */
  idle(): void
  lossError(end: SpaceEnd, phase: SpacePhase): Error
}

/** The calls that one replica has and has not answered. */
export class CallsInFlight implements CallCarrier {
  /** How many there are. */
  count = 0
  /** How many there have been. */
  total = 0
  /** Calls that nobody waits for and that it has not said to be through with: it may be blocked. */
  forgotten = 0

  constructor(
    private readonly replica: CalledReplica,
    /** Calls after which it may be due to be replaced. */
    private readonly mostCalls: number
  ) {}

  /** Gives it a call. Throws a public error when the call cannot cross. */
  write(call: PendingCall): void {
    // Chains go on from each other, so they must not overtake each other.
    call.id = (this.replica.space as Space).request(call.request, call, call.script !== undefined)
    call.state = 'written'
    call.carrier = this
    call.attempts++
    this.total++
    if (this.count++ === 0) this.replica.busy()
  }

  finished(): void {
    this.count--
    if (this.total >= this.mostCalls) this.replica.considerRecycling()
    if (this.count === 0) this.replica.idle()
  }

  /** Until `done` is called the replica gets no other calls, which a blocked space would take with it. */
  forget(call: PendingCall, told: (stack: string | undefined) => void, done: () => void): void {
    this.forgotten++
    this.replica.space?.cancel(call.id, {
      told,
      done: () => {
        this.forgotten--
        done()
      },
      // An interrupt discards the microtasks of all calls in flight, and of packages that are loading.
      mayLiveOn: () => this.count === 1 && this.replica.holds === 0 && !this.replica.isLoading
    })
  }

  lose(): { crashed: boolean; error: Error } {
    this.count--
    const end = this.replica.space?.end ?? neverBegun
    return { crashed: end.cause !== undefined, error: this.replica.lossError(end, 'written') }
  }
}
