import { errorFromRefusal } from '../errors.js'
import { ProtocolViolation } from '../wire/byte-reader.js'
import type { Home, ReferenceNote } from '../wire/chain.js'
import type { ConnectionOwner, OwnerMessage } from '../wire/connection-owner.js'
import { Refusal } from '../wire/refusal.js'
import type { Scope } from '../wire/scope.js'
import { callerScope } from './caller-scope.js'
import type { HandleChannel } from './handle-channel.js'
import type { Reports } from './reports.js'
import type { SpaceEnd } from './space-end.js'
import type { SpaceOwner } from './space-owner.js'

/** The space at the other end. */
export interface SpeakingSpace {
  readonly owner: SpaceOwner
  readonly ended: Promise<SpaceEnd>
  /** Resident memory in bytes, as it last said. */
  memory: number | null
  /** How often it may say so. */
  readonly reports: Reports
  /** It runs, and speaks this version of the protocol. */
  becomeReady(version: number): void
  /** Asks it to forget the callbacks that no package holds any more. */
  collect(): void
  /** The connection ended by itself: either the process has, or it must. */
  connectionEnded(cause: Error | undefined): void
}

/** The host's side of the conversation with a space: hands what the space says to whom it concerns. */
export class HostSide implements ConnectionOwner {
  /** Those that its packages lend in live values are used by chains, as objects are. */
  readonly functionsAreReferences = true
  readonly takesNoCalls = true

  constructor(
    private readonly space: SpeakingSpace,
    /** What sockets and servers move to it by. */
    readonly mover: HandleChannel
  ) {}

  get home(): Home | undefined {
    return this.space.owner.home
  }

  message(message: OwnerMessage): void {
    switch (message.type) {
      case 'ready':
        return this.space.becomeReady(message.version)
      case 'report':
        this.space.reports.count()
        this.space.memory = message.memory
        return this.space.owner.reported()
      case 'trouble':
        return this.space.owner.trouble(() => new Refusal(message.code, message.details))
      default:
        throw new ProtocolViolation(`a message of type ${message.type}`)
    }
  }

  scope(): Scope {
    return callerScope()
  }

  invoked(): void {
    this.space.owner.active()
  }

  callbackFailed(error: unknown): void {
    this.space.owner.trouble(() => error)
  }

  refusalOfInvocation({ code, details }: Refusal): Error {
    return errorFromRefusal(code, details)
  }

  streamAsked(change: 1 | -1): void {
    this.space.owner.streamAsked?.(change)
  }

  async loss(): Promise<unknown> {
    const end = await this.space.ended
    const gone = new Refusal('REFERENCE_RELEASED', {})
    return this.space.owner.lossError?.(end, 'written') ?? this.refusalOfInvocation(gone)
  }

  trouble(refusal: Refusal): void {
    this.space.owner.trouble(() => refusal)
  }

  released(): void {
    this.space.owner.released()
  }

  relieved(): void {
    this.space.owner.relieved()
  }

  referenceForgotten(note: ReferenceNote): void {
    this.space.owner.referenceForgotten?.(note)
  }

  crowded(): void {
    this.space.collect()
  }

  connectionEnded(cause: Error | undefined): void {
    this.space.connectionEnded(cause)
  }
}
