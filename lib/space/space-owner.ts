import type { Home, ReferenceNote } from '../wire/chain.js'
import type { UnblockingStep } from './cancellation.js'
import type { OutputStream } from './output.js'
import type { SpaceEnd } from './space-end.js'

/** Who is told what happens in a space: only told, never asked. */
export interface SpaceOwner {
  output(stream: OutputStream, line: string): void
  /** So many lines of output came too fast and were left out. */
  outputDropped(lines: number): void
  /** A callback was called. */
  active(): void
  /** References to what lives in it lead there; without it none can be used. */
  readonly home?: Home
  /** Somebody had a reference to it and never released it. */
  referenceForgotten?(note: ReferenceNote): void
  /** Something is asked of a stream in it: 1, or was answered: -1. */
  streamAsked?(change: 1 | -1): void
  /** The error for what was lost when it ended. */
  lossError?(end: SpaceEnd, phase: 'written'): Error
  /** A callback threw, or could not be told something; what, is made only if it is asked for. */
  trouble(problem: () => unknown): void
  /** A callback was released. */
  released(): void
  /** It takes what it is sent again. */
  relieved(): void
  /** It told how much memory it has. */
  reported(): void
  /** It is blocked, has not answered for so many ms, and this is done about it. */
  unblocking(step: UnblockingStep, silence: number, stack: string | undefined): void
}

/** The owner of a space that nobody uses yet. */
export const nobody: SpaceOwner = {
  output: () => undefined,
  outputDropped: () => undefined,
  active: () => undefined,
  trouble: () => undefined,
  released: () => undefined,
  relieved: () => undefined,
  reported: () => undefined,
  unblocking: () => undefined
}
