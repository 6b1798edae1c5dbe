import type { SpacePhase } from '../errors.js'
import type { UnblockingStep } from '../space/cancellation.js'
import type { OutputStream } from '../space/output.js'
import type { SpaceEnd } from '../space/space-end.js'
import type { SpaceOwner } from '../space/space-owner.js'
import type { Home, ReferenceNote } from '../wire/chain.js'
import type { Activity } from './activity.js'
import type { ReplicaNews } from './replica-news.js'
import type { Watches } from './watches.js'

/** The replica that the space belongs to. */
export interface ListeningReplica {
  readonly home: Home
  readonly inFlight: number
  /** It takes what it is sent again. */
  relieved(): void
  /** Less than before keeps it from being ended. */
  released(): void
  lossError(end: SpaceEnd, phase: SpacePhase): Error
}

/** Hears what a space tells while it belongs to a replica, and passes it on to whom it concerns. */
export class SpaceListener implements SpaceOwner {
  constructor(
    private readonly replica: ListeningReplica,
    private readonly news: ReplicaNews,
    private readonly activity: Activity,
    private readonly watches: Watches
  ) {}

  get home(): Home {
    return this.replica.home
  }

  output(stream: OutputStream, line: string): void {
    this.news.output(stream, line)
  }

  outputDropped(lines: number): void {
    this.news.outputDropped(lines)
  }

  /** While a call is in flight it counts as active: reading the clock took a tenth of the time for callbacks (Node 20). */
  active(): void {
    if (this.replica.inFlight === 0) this.activity.touch()
  }

  streamAsked(change: 1 | -1): void {
    this.activity.streamAsked(change)
  }

  referenceForgotten(note: ReferenceNote): void {
    this.news.referenceForgotten(note)
  }

  trouble(error: unknown): void {
    this.news.callbackFailed(error)
  }

  reported(): void {
    this.watches.reported()
  }

  relieved(): void {
    this.replica.relieved()
  }

  released(): void {
    this.replica.released()
  }

  unblocking(step: UnblockingStep, silence: number, stack: string | undefined): void {
    this.news.unresponsive(step, silence, stack)
  }

  lossError(end: SpaceEnd, phase: 'written'): Error {
    return this.replica.lossError(end, phase)
  }
}
