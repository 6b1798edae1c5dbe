/** What the readers of single classes need of the decoder. */
export interface ValueReader {
  readonly bytes: Buffer
  byte(): number
  count(): number
  length(): number
  take(count: number): number
  double(): number
  string(): string
  value(): unknown
  weigh(weight: number): void
  expression(length: number): void
  /** The large binary value at this place among those that came with the message. */
  attachment(place: number): Uint8Array
  see<T extends object>(object: T): T
  /** The number of an object that can only be made when what is inside it has been read, and that object. */
  reserve(): number
  fill<T extends object>(place: number, object: T): T
}
