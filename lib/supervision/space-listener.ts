import type { SpacePhase } from '../errors.js'
import type { UnblockingStep } from '../space/cancellation.js'
import type { OutputStream } from '../space/output.js'
import type { SpaceEnd } from '../space/space-end.js'
import type { SpaceOwner } from '../space/space-owner.js'
import type { Home, ReferenceNote } from '../wire/chain.js'
import type { ReplicaNews } from './replica-news.js'
import type { Workload } from './workload.js'

/** The replica that the space belongs to. */
export interface ListeningReplica {
  readonly home: Home
  readonly news: ReplicaNews
  readonly work: Workload
  /** Less than before keeps it from being ended. */
  released(): void
  lossError(end: SpaceEnd, phase: SpacePhase): Error
}

/** Hears what a space tells while it belongs to a replica, and passes it on to whom it concerns. */
export class SpaceListener implements SpaceOwner {
  constructor(
    private readonly replica: ListeningReplica,
    /** One of the replicas of the set takes again what it is sent. */
    private readonly set: { replicaRelieved(): void }
  ) {}

  get home(): Home {
    return this.replica.home
  }

  output(stream: OutputStream, line: string): void {
    this.replica.news.output(stream, line)
  }

  outputDropped(lines: number): void {
    this.replica.news.outputDropped(lines)
  }

  /** While a call is in flight it counts as active: reading the clock took a tenth of the time for callbacks (Node 20). */
  active(): void {
    const { work } = this.replica
    if (work.inFlight === 0) work.activity.touch()
  }

  streamAsked(change: 1 | -1): void {
    this.replica.work.activity.streamAsked(change)
  }

  referenceForgotten(note: ReferenceNote): void {
    this.replica.news.referenceForgotten(note)
  }

  trouble(problem: () => unknown): void {
    this.replica.news.callbackFailed(problem)
  }

  reported(): void {
    this.replica.work.watches.reported()
  }

  relieved(): void {
    this.set.replicaRelieved()
  }

  released(): void {
    this.replica.released()
  }

  unblocking(step: UnblockingStep, silence: number, stack: string | undefined): void {
    this.replica.news.unresponsive(step, silence, stack)
  }

  lossError(end: SpaceEnd, phase: 'written'): Error {
    return this.replica.lossError(end, phase)
  }
}
