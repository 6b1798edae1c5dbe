import type { Outcome } from '../wire/messages.js'
import { neverSeen } from '../wire/never-seen.js'
import type { RequestSink } from '../wire/pending.js'
import type { BeginInterrupt } from './hang.js'
import { scheduleInSteps, type Schedule } from './schedule.js'

/** What is done about a space that does not answer, in this order. */
export type UnblockingStep = 'abort' | 'interrupt' | 'terminate' | 'kill'

/** A space in which a request was cancelled. */
export interface CancellingSpace {
  readonly schedule: Schedule
  /** The stack of the code that runs in it, if that can be had within so many ms. */
  lookInto(timeout: number): Promise<string | undefined>
  /** Breaks off the code that runs in it, if `begin` lets it then; true when that was done within so many ms. */
  breakOff(timeout: number, begin: BeginInterrupt): Promise<boolean>
  /** A step is taken, after so many ms without an answer; `stack` is what blocks it, as far as is known. */
  tellStep(step: UnblockingStep, silence: number, stack: string | undefined): void
  /** True for the one that may take steps: a space with several cancelled requests is unblocked once. */
  beginUnblocking(): boolean
  endUnblocking(): void
  /** Ends it with SIGTERM, and after so many ms with SIGKILL. */
  condemn(wait: number, killing: () => void): void
}

/** Who wants to know what becomes of a cancelled request. */
export interface CancellationWatcher {
  /** Within 50 ms: what blocks the space, or undefined when it answers or that is not to be had. */
  told(stack: string | undefined): void
  /** The space is through with the request. */
  done(): void
  /** Nothing is lost if everything that runs in it now is broken off, and it lives on. */
  mayLiveOn(): boolean
  /** The request blocks the space, which is being ended for that. */
  blocks?(): void
}

/** Nobody wants to know. */
export const nobody: CancellationWatcher = {
  told: () => undefined,
  done: () => undefined,
  mayLiveOn: () => false
}

/** A space with a free event loop answers within this many ms; one that has not is looked into. */
const SUSPICIOUS_AFTER = 5
/** Whoever waits is told after this many ms, whatever is known: of the 50 ms some are left for a busy machine. */
const TELL_AFTER = 40
/** ms without an answer after which it counts as blocked. */
const BLOCKED_AFTER = 250
/** ms to get at the code and break it off: 10 to 20 where the space has a core, a hundred times that where it waits for one. */
const INTERRUPT_WITHIN = 2000
/** ms for the answer that must follow it. */
const ANSWER_WITHIN = 250
/** ms between SIGTERM, which only a package that catches it can survive, and SIGKILL; to end takes a core as well. */
const TERMINATE_WITHIN = 500

/**
 * What follows when nobody waits for a request any more. The space is told, which aborts the signals of the request
 * there, and says that it is through with it, or it is blocked. Then it is looked into, after a while broken off if
 * nothing else is lost with that, and else ended.
 */
export class Cancellation {
  /** Takes what is still answered. */
  readonly sink: RequestSink
  /** `climbing`: it is the one that takes the steps. `ending`: it has taken those that end the space. */
  private stage: 'waiting' | 'climbing' | 'ending' | 'over' = 'waiting'
  private told = false
  private stack: string | undefined
  private readonly cancelTimers: (() => void)[] = []
  private answered: () => void = () => undefined

  constructor(
    private readonly space: CancellingSpace,
    private readonly watcher: CancellationWatcher = nobody
  ) {
    const finish = (): void => this.finish()
    this.sink = { answered: finish, failed: finish, refused: finish, lost: finish, outcome }
    function outcome({ last, value }: Outcome): void {
      neverSeen(value)
      if (last) finish()
    }
    this.later(SUSPICIOUS_AFTER, () => void this.look())
    this.later(TELL_AFTER, () => this.tell())
    this.later(BLOCKED_AFTER, () => void this.unblock())
  }

  /** The space has answered, or ended. */
  finish(): void {
    const { stage } = this
    if (stage === 'over') return
    this.stage = 'over'
    for (const cancel of this.cancelTimers) cancel()
    this.tell()
    if (stage === 'climbing') this.space.endUnblocking()
    this.answered()
    this.watcher.done()
  }

  private get isOver(): boolean {
    return this.stage === 'over'
  }

  /** It may be this process that was busy, or all of them: what has arrived meanwhile is read first. */
  private later(wait: number, then: () => void): void {
    const cancel = scheduleInSteps(this.space.schedule, wait, () => {
      setImmediate(() => setImmediate(() => this.isOver || then()))
    })
    this.cancelTimers.push(cancel)
  }

  /** What comes too late for those who wait is still told with the steps that are taken. */
  private async look(): Promise<void> {
    this.stack = await this.space.lookInto(BLOCKED_AFTER - SUSPICIOUS_AFTER)
    // Without a stack the space may be free, and about to say so.
    if (this.stack === undefined) return
    this.tell()
    this.beginSteps(SUSPICIOUS_AFTER)
  }

  /** Told only where it did not help: most of those that nobody waits for any more are through at once. */
  private beginSteps(silence: number): void {
    if (this.stage !== 'waiting' || !this.space.beginUnblocking()) return
    this.stage = 'climbing'
    this.space.tellStep('abort', silence, this.stack)
  }

  private tell(): void {
    if (this.told) return
    this.told = true
    this.watcher.told(this.stack)
  }

  private async unblock(): Promise<void> {
    const { space, watcher } = this
    this.beginSteps(BLOCKED_AFTER)
    // Another one takes the steps; should it be through while this one is not, this one has to.
    if (this.stage === 'waiting') return this.later(BLOCKED_AFTER, () => void this.unblock())
    if (watcher.mayLiveOn() && (await this.interrupted())) return
    if (this.isOver) return
    this.stage = 'ending'
    watcher.blocks?.()
    space.tellStep('terminate', BLOCKED_AFTER, this.stack)
    space.condemn(TERMINATE_WITHIN, () =>
      space.tellStep('kill', BLOCKED_AFTER + TERMINATE_WITHIN, this.stack)
    )
  }

  /** True when the space was broken off and has answered after that. */
  private async interrupted(): Promise<boolean> {
    const broken = await this.space.breakOff(INTERRUPT_WITHIN, (stack) => this.beginInterrupt(stack))
    if (!broken || this.isOver) return this.isOver
    return new Promise((resolve) => {
      this.answered = () => resolve(true)
      scheduleInSteps(this.space.schedule, ANSWER_WITHIN, () => resolve(this.isOver))
    })
  }

  /** Told only when it is really done; what has answered meanwhile runs something else. */
  private beginInterrupt(stack: string | undefined): boolean {
    if (this.stage !== 'climbing') return false
    // On a busy machine the first look may have come to nothing; this one has not.
    this.stack ??= stack
    this.space.tellStep('interrupt', BLOCKED_AFTER, this.stack)
    return true
  }
}
