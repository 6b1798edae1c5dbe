import type { CallSettings } from '../settings.js'
import { onAbort } from '../wire/abort-listeners.js'
import type { Call, Outcome, Request, Target } from '../wire/messages.js'
import type { Packed } from '../wire/packed.js'
import type { RequestSink } from '../wire/pending.js'
import type { RefusalCode } from '../wire/refusal.js'
import type { Script } from '../wire/script.js'
import type { DueList, Entry } from './timetable.js'

/** Where a call is in flight. */
export interface CallCarrier {
  /** One call less is in flight. */
  finished(): void
  /**
   * Nobody waits for this call any more. `told` hears soon what blocks its space, if anything does and it can be found
   * out; `done` is called when the call is not in flight any more either.
   */
  forget(call: PendingCall, told: (stack: string | undefined) => void, done: () => void): void
  /** A call was lost with its space, which crashed or was stopped on purpose. */
  lose(): { crashed: boolean; error: Error }
}

/** The one space that the references of a script lead to. */
export interface ScriptHome {
  readonly inFlight: number
  readonly generation: number
}

/** Who sends calls, and is told what becomes of them. */
export interface CallOwner {
  answered(call: PendingCall, value: unknown): void
  failed(call: PendingCall, error: unknown): void
  refused(call: PendingCall, code: RefusalCode, details: Record<string, unknown>): void
  /** What has become of one step of its script; of the last one that anybody waits for, when it says so. */
  outcome(call: PendingCall, outcome: Outcome): void
  /** Its space ended. */
  lost(call: PendingCall): void
  /** Its time is over. */
  expired(call: PendingCall): void
  /** Its signal was aborted. */
  aborted(call: PendingCall): void
}

/**
 * One call from `call()` to its end, exactly one end. Queued: it has not left the host. Written: its space has it and
 * may be running it. It is the message that it is sent as, so that a call needs one object.
 */
export class PendingCall implements RequestSink, Entry, Call {
  readonly type = 'call'
  state: 'queued' | 'written' | 'settled' = 'queued'
  /** How often it was written. */
  attempts = 0
  /** Its request's id while it is written. */
  id = 0
  carrier: CallCarrier | undefined
  /** What travels along with it. */
  contexts: readonly [Packed] | undefined
  /** Bytes its parameters take while it waits. */
  size = 0
  /** Counts up with the calls that wait, so that it is known which has waited longer. */
  order = 0
  deadline = 0
  list: DueList | undefined
  previous: Entry | undefined
  next: Entry | undefined
  private stopListening: (() => void) | undefined

  constructor(
    private readonly owner: CallOwner,
    readonly target: Target,
    /** As they were given; packed when the call has to wait, or may be run again. */
    public parameters: unknown[] | Packed,
    readonly settings: CallSettings,
    /** ms it may take; Infinity for as long as it wants. */
    readonly timeout: number,
    readonly resolve: (value: unknown) => void,
    readonly reject: (error: unknown) => void,
    /** The chains to carry out instead of one function, and where alone that can be done. */
    readonly script?: Script,
    readonly home?: ScriptHome
  ) {}

  /** What it is sent as. */
  get request(): Request {
    return this.script === undefined ? this : this.script.message()
  }

  get isScript(): boolean {
    return this.script !== undefined
  }

  answered(value: unknown): void {
    this.owner.answered(this, value)
  }

  failed(error: unknown): void {
    this.owner.failed(this, error)
  }

  refused(code: RefusalCode, details: Record<string, unknown>): void {
    this.owner.refused(this, code, details)
  }

  outcome(outcome: Outcome): void {
    this.owner.outcome(this, outcome)
  }

  lost(): void {
    this.owner.lost(this)
  }

  due(): void {
    this.owner.expired(this)
  }

  listen(signal: AbortSignal): void {
    this.stopListening = onAbort(signal, () => this.owner.aborted(this))
  }

  /** Nothing outside refers to it any more. */
  settle(): void {
    this.state = 'settled'
    this.stopListening?.()
  }
}
