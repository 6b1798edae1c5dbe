import { ByteReader, ProtocolViolation } from './byte-reader.js'
import { UNASKED_LIMIT, UNASKED_WEIGHT } from './protocol-limits.js'
import * as tag from './tags.js'

/** Bytes of one message after the other, each within the limits that a BoundedWriter kept to. */
export class BoundedReader extends ByteReader {
  /** Large binary values that came with this message. */
  attachments: readonly Uint8Array[] = []
  /** What the objects of a message may weigh. */
  mostWeight = tag.weightLimit(256 * 1024 * 1024)
  /** What the objects of this message take in memory, in bytes. */
  weight = 0
  /** How deep what is read now is nested. */
  protected depth = 0
  /** Characters of regular expressions in this message. */
  private expressions = 0
  /** How many of the first attachments the value that is read has named. */
  private attachmentsNamed = 0

  protected beginBounds(): void {
    this.depth = 0
    this.weight = 0
    this.expressions = 0
  }

  /** What comes next counts its attachments from 0. */
  protected beginPacked(): void {
    this.attachmentsNamed = 0
  }

  /** What comes after it has the attachments that it left. */
  protected endPacked(): void {
    if (this.attachmentsNamed > 0) this.attachments = this.attachments.slice(this.attachmentsNamed)
  }

  attachment(place: number): Uint8Array {
    const bytes = this.attachments[place]
    if (bytes === undefined) throw new ProtocolViolation('an attachment that did not come')
    this.attachmentsNamed = Math.max(this.attachmentsNamed, place + 1)
    return bytes
  }

  /** Reads what nobody has asked for, which may only be small, and without regular expressions, which are compiled. */
  unasked<T>(read: (decoder: this) => T): T {
    const { end, mostWeight } = this
    this.end = Math.min(end, this.position + UNASKED_LIMIT)
    this.mostWeight = UNASKED_WEIGHT
    this.expressions = tag.EXPRESSION_LIMIT
    const value = read(this)
    this.end = end
    this.mostWeight = mostWeight
    return value
  }

  /** Adds to what the objects of this message take in memory, before they take it. */
  weigh(weight: number): void {
    this.weight += weight
    if (this.weight > this.mostWeight) throw new ProtocolViolation('a value is too large')
  }

  /** Adds to the regular expressions of this message. */
  expression(length: number): void {
    this.expressions += length
    if (this.expressions > tag.EXPRESSION_LIMIT) {
      throw new ProtocolViolation('regular expressions are too long')
    }
  }
}
