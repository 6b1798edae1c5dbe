import type { SpaceCrashCause } from '../errors.js'

/** How a space ended. */
export interface SpaceEnd {
  readonly exitCode: number | null
  readonly signal: string | null
  /** What made it crash; undefined when it was asked to end. */
  readonly cause: SpaceCrashCause | undefined
  /** The last of what it wrote to stderr, up to 8 KiB. */
  readonly stderr: string
  /** ms from its start. */
  readonly uptime: number
  /** Why there never was a process, or what it sent that no space sends. */
  readonly failure: unknown
}

/** The end of what was stopped before it had a process. */
export const neverBegun: SpaceEnd = {
  exitCode: null,
  signal: null,
  cause: undefined,
  stderr: '',
  uptime: 0,
  failure: undefined
}

/** What is known of why a space ends, from the first sign until it has exited. */
export class Verdict {
  /** Why there never was a process, or what it sent that no space sends. */
  failure: unknown
  private cause: SpaceCrashCause | undefined
  private asked = false

  /** It is asked to end: what comes of it is no crash, however it is ended then, unless it was one before. */
  ask(): void {
    this.asked = true
  }

  get wasAsked(): boolean {
    return this.asked
  }

  /** Of several causes the first counts. */
  blame(cause: SpaceCrashCause): void {
    if (!this.asked) this.cause ??= cause
  }

  /** The cause of a crash that ended by this signal; undefined when it was asked to end. */
  causeOf(signal: string | null, wasReady: boolean, stderr: string): SpaceCrashCause | undefined {
    // What was on its way out has ended before it could be cut off.
    const isLate = this.cause === 'protocol' && this.failure === undefined && signal !== 'SIGKILL'
    const cause = isLate ? undefined : this.cause
    return cause ?? (this.asked ? undefined : causeByItself(signal, wasReady, stderr))
  }
}

function causeByItself(signal: string | null, wasReady: boolean, stderr: string): SpaceCrashCause {
  if (!wasReady) return 'start'
  const heapIsFull = signal === 'SIGABRT' && /heap out of memory|Allocation failed/.test(stderr)
  if (heapIsFull) return 'out-of-memory'
  return signal === null ? 'exit' : 'signal'
}
