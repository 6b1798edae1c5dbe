import { residentMemory } from '../space/resident-memory.js'
import type { Schedule } from '../space/schedule.js'

/** ms between two looks at the memory of a space that has a hard limit. */
const LOOK_EVERY = 250

/** The space whose memory is watched. */
export interface WatchedSpace {
  pid(): number | undefined
  /** Something runs in it. */
  busy(): boolean
  /** Ends it: it has more memory than it may have. */
  kill(): void
}

/** Ends a space that reaches its hard limit of memory, while something runs in it. */
export class MemoryWatch {
  private cancel: (() => void) | undefined

  constructor(
    /** Bytes; Infinity for none. */
    private readonly limit: number,
    private readonly schedule: Schedule,
    private readonly space: WatchedSpace,
    private readonly memoryOf: (pid: number) => number | undefined = residentMemory
  ) {}

  /** Looks from outside: what hoards memory in a loop does not report it. */
  start(): void {
    if (this.limit === Infinity) return
    this.cancel ??= this.schedule(LOOK_EVERY, () => {
      this.cancel = undefined
      this.enforce(this.memoryOf(this.space.pid() ?? 0) ?? 0)
      if (this.space.busy()) this.start()
    })
  }

  /** It has so many bytes. */
  enforce(memory: number): void {
    if (memory >= this.limit) this.space.kill()
  }

  stop(): void {
    this.cancel?.()
  }
}
