import type { ChildProcess } from 'node:child_process'
import type { CancellingSpace, UnblockingStep } from './cancellation.js'
import { killNow } from './end-process.js'
import { interrupt, takeStack, type BeginInterrupt } from './hang.js'
import type { Output } from './output.js'
import { isExiting } from './process-state.js'
import { scheduleInSteps, type Schedule } from './schedule.js'
import type { SpaceEnd } from './space-end.js'
import type { SpaceOwner } from './space-owner.js'

/** A space that may not answer. */
export interface BlockedSpace {
  readonly owner: SpaceOwner
  readonly schedule: Schedule
  readonly child: ChildProcess | undefined
  readonly output: Output | undefined
  readonly end: SpaceEnd | undefined
  /** Ends it with SIGTERM, because it is blocked. */
  endBlocked(): void
}

/** ms for a look into a space that missed its heartbeat: nobody waits for it. */
const LOOK_WITHIN = 3000

/** What can be done about a space whose event loop is blocked: look into it, break off what runs, end it. */
export class Unblocking implements CancellingSpace {
  private hasBegun = false

  constructor(private readonly space: BlockedSpace) {}

  get schedule(): Schedule {
    return this.space.schedule
  }

  /** The stack of the code that runs in it now, where that can be had. */
  async lookInto(timeout = LOOK_WITHIN): Promise<string | undefined> {
    const { child, output, schedule } = this.space
    if (child === undefined) return undefined
    output?.inspected()
    return takeStack(child, { timeout, schedule })
  }

  /** Breaks off the code that runs in it. True when that was done; whether it is still of use must be seen then. */
  async breakOff(timeout: number, begin: BeginInterrupt): Promise<boolean> {
    const { child, output, schedule } = this.space
    if (child === undefined) return false
    output?.inspected()
    return interrupt(child, { timeout, schedule }, begin)
  }

  beginUnblocking(): boolean {
    if (this.hasBegun || this.space.end !== undefined) return false
    this.hasBegun = true
    return true
  }

  endUnblocking(): void {
    this.hasBegun = false
  }

  tellStep(step: UnblockingStep, silence: number, stack: string | undefined): void {
    this.space.owner.unblocking(step, silence, stack)
  }

  condemn(wait: number, killing: () => void): void {
    const { space } = this
    if (space.end !== undefined) return
    space.endBlocked()
    scheduleInSteps(space.schedule, wait, () => {
      const { child } = space
      const hasEnded = child?.exitCode !== null || child.signalCode !== null || isExiting(child.pid)
      if (space.end !== undefined || hasEnded) return
      killing()
      killNow(child)
    })
  }
}
