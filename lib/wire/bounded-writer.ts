import { ByteWriter } from './byte-writer.js'
import { Refusal } from './refusal.js'
import * as tag from './tags.js'

const DEFAULT_LIMIT = 256 * 1024 * 1024

/**
 * Memory that one message after the other is written to, each within its limits: bytes, the attachments beside them,
 * and the weight of its objects, which is what they take in memory once they are read. Beyond, it throws TOO_LARGE.
 */
export class BoundedWriter extends ByteWriter {
  /** Large binary values of this message, in the order in which the message names them. */
  attachments: Uint8Array[] = []
  attachedBytes = 0
  /** Characters of regular expressions in this message. */
  expressions = 0
  /** Of the objects of this message so far. `weigh` adds to it with a check, `endObject` checks what was added without. */
  weight = 0
  private start = 0
  private most = DEFAULT_LIMIT
  private mostWeight = tag.weightLimit(DEFAULT_LIMIT)

  /** What a message may take, attachments included: 256 MiB unless it is set. */
  get limit(): number {
    return this.most
  }

  set limit(limit: number) {
    if (limit === this.most) return
    this.most = limit
    this.mostWeight = tag.weightLimit(limit)
  }

  /** Begins a message. */
  protected beginBounds(): void {
    this.start = this.position
    this.ceiling = this.start + this.most + tag.MESSAGE_SLACK
    this.weight = 0
    this.expressions = 0
  }

  /** Lets go of the attachments. */
  protected dropAttachments(): void {
    if (this.attachments.length === 0) return
    this.attachments = []
    this.attachedBytes = 0
  }

  /** Adds to the weight. */
  weigh(weight: number): void {
    this.weight += weight
    if (this.weight > this.mostWeight) this.refuse(this.weight)
  }

  /** Throws when the message takes more bytes than it may. */
  checkSize(): void {
    const size = this.position - this.start + this.attachedBytes
    if (size > this.most) this.refuse(size)
  }

  /** Whether a binary value is too large to be in the message, and there is a place left for it behind. */
  attaches({ length }: Uint8Array): boolean {
    if (length < tag.ATTACHMENT_THRESHOLD || this.attachments.length >= tag.ATTACHMENTS_LIMIT) return false
    return this.attachments.length > 0 || this.position - this.start + length > tag.INLINE_LIMIT
  }

  /** A binary value that follows the message as it is. */
  attach(kind: number, bytes: Uint8Array): void {
    this.byte(tag.ATTACHMENT)
    this.byte(kind)
    this.count(this.attachments.length)
    this.adopt(bytes)
    this.checkSize()
  }

  /** Adds an attachment that the bytes of a packed value name already. */
  adopt(bytes: Uint8Array): void {
    this.attachments.push(bytes)
    this.attachedBytes += bytes.length
  }

  /** Takes back the attachments since there were this many. */
  protected detach(count: number): void {
    for (const attachment of this.attachments.splice(count)) this.attachedBytes -= attachment.length
  }

  /** An object was written, with all that is in it. */
  protected endObject(): void {
    this.weight += tag.OBJECT_WEIGHT
    if (this.position - this.start > this.most || this.weight > this.mostWeight) this.checkSizes()
  }

  protected checkSizes(): void {
    this.checkSize()
    this.weigh(0)
  }

  protected override exceeded(position: number): never {
    this.refuse(position - this.start + this.attachedBytes)
  }

  private refuse(size: number): never {
    throw new Refusal('TOO_LARGE', { size, limit: this.most })
  }
}
