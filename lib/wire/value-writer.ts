/** Where an encoder stands, so that what is written after it can be taken back. */
export interface Mark {
  readonly position: number
  readonly shapes: number
  readonly seen: number
  readonly attachments: number
  readonly depth: number
}

/** Lends a function of this process to the other one; the number under which it is known there. */
export type Lend = (lent: Function) => number

/** What the writers of single classes need of the encoder. */
export interface ValueWriter {
  lend: Lend | undefined
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
