import type { Moves } from './moved.js'
import type { Scope } from './scope.js'

/** Where an encoder stands, so that what is written after it can be taken back. */
export interface Mark {
  readonly position: number
  readonly shapes: number
  readonly seen: number
  readonly attachments: number
  readonly depth: number
}

/** Lends a function of this process to the other one, given at `scope`; the number under which it is known there. */
export type Lend = (lent: Function, scope?: Scope) => number

/** What sockets and servers are sent by. */
export interface MovingWriter {
  readonly moves: Moves
  /** The number under which it is known there. */
  take(thing: object): number
}

/** What the writers of single classes need of the encoder. */
export interface ValueWriter {
  lend: Lend | undefined
  moving: MovingWriter | undefined
  expressions: number
  byte(value: number): void
  count(value: number): void
  double(value: number): void
  string(value: string): void
  block(block: Uint8Array): void
  value(value: unknown): void
  weigh(weight: number): void
  attaches(bytes: Uint8Array): boolean
  attach(kind: number, bytes: Uint8Array): void
  mark(): Mark
  rewind(mark: Mark): void
}

/** Writes what crosses by reference, in the place of a live value where it stands. */
export interface LiveWriter {
  write(encoder: ValueWriter, thing: object): void
}
