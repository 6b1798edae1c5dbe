import type { Home, ReferenceNote } from './chain.js'
import type { Message, ScriptMessage } from './messages.js'
import type { Mover } from './moved.js'
import type { Refusal } from './refusal.js'
import type { Scope } from './scope.js'

/** Messages that are not the connection's own business. */
export type OwnerMessage = Exclude<
  Message,
  { type: 'result' | 'failure' | 'refused' | 'invoke' | 'begun' | 'release' | 'script' | 'outcome' }
>

export interface ConnectionOwner {
  /** `functions`: how many functions the message holds. A ProtocolViolation thrown here ends the connection. */
  message(message: OwnerMessage, functions: number): void
  /** A function that this side lent is called: the other side is active. */
  invoked(): void
  /** A function that this side lent threw, or its result cannot cross: its caller is told, and so is this side. */
  callbackFailed(error: unknown): void
  /** The error for this side's caller of a function of the other side, when that was refused. Default: the refusal. */
  refusalOfInvocation?(refusal: Refusal): Error
  /** Something could not be told to a function of the other side; its caller knows, and nobody else. */
  trouble(refusal: Refusal): void
  /** Half of the functions that may be lent are: the other side should forget those it does not hold. */
  crowded(): void
  /** What had gathered while the other side took nothing is on its way. */
  relieved(): void
  /** A function that this side lent is not held by the other one any more. */
  released(): void
  /** Functions that the other side lends live are references to go on from; else plain functions that call them. */
  readonly functionsAreReferences?: boolean
  /** What runs on this side may be broken off by an interrupt, at any moment. Default false. */
  readonly isInterruptible?: boolean
  /** The place in the program that is running: what is lent now is used as if from there. Default: nowhere. */
  scope?(): Scope | undefined
  /** The other side wants these steps carried out. Default: on what this side lent. */
  script?(message: ScriptMessage, hasOperands: boolean, ordered: boolean): void
  /** Chains of this side that begin at what the other one lent are sent through here. Default: as they are. */
  readonly home?: Home | undefined
  /** A reference was collected that nobody had released. */
  referenceForgotten?(note: ReferenceNote): void
  /** Sockets and servers of this side move by this. Default: not at all. */
  readonly mover?: Mover | undefined
  /** Sockets and servers of the other side move here, by a way of the owner's. Default false. */
  readonly takesMoved?: boolean
  /** The other side calls no packages here, and has no requests of that kind. Default false. */
  readonly takesNoCalls?: boolean
  /** Something is asked of a stream of the other side: 1, or was answered: -1. */
  streamAsked?(change: 1 | -1): void
  /** Why streams to and from the other side end when that is gone. Default: REFERENCE_RELEASED. */
  loss?(): Promise<unknown>
  /** The other side is gone, or broke the protocol. What is pending waits for `close`. Called once. */
  connectionEnded(cause: Error | undefined): void
}

export interface ConnectionLimits {
  /** One value, in bytes. */
  maxBytes: number
  /** Functions lent at the same time. */
  maxCallbacks: number
  /**
   * When so many bytes wait for the other side, which takes none, nothing more is read from it until it does: answers
   * to what it asks for must not fill the memory of this one. Nor is it while its scripts that wait for an answer take
   * too much here. For one side only, or both might wait for each other. Default none.
   */
  maxUnsent?: number
}
