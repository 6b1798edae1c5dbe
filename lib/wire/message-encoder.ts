import type { Handle } from './chain.js'
import { Encoder } from './encoder.js'
import type { FrameWriter } from './frame-writer.js'
import { ReferenceWriter } from './live-writer.js'
import { isLarge, packBody, refusalOf } from './message-body.js'
import { writeAgain, writeHeadOf, writeMessage } from './message-writer.js'
import type { Invoke, Message } from './messages.js'
import { MESSAGE_LIMIT } from './protocol-limits.js'
import { Departure, type Mover } from './moved.js'
import type { LentThings } from './references.js'
import type { Scope } from './scope.js'
import { MESSAGE_SLACK } from './tags.js'
import { TargetTable } from './target-table.js'

/**
 * Encodes messages behind each other, each of them as a whole or not at all: when a value in one cannot cross, its bytes
 * and what it has put into the tables, lent or reserved are taken back, and a Refusal is thrown.
 */
export class MessageEncoder {
  /** A message is being encoded, and a getter in it may send another one. */
  isBusy = false
  private readonly encoder: Encoder
  private readonly references: ReferenceWriter
  private readonly targets = new TargetTable()
  private lentNow: number[] = []
  /** What moves with the message that is being encoded. */
  private readonly departure: Departure | undefined
  /** A message was too large when it was written, and written again: from then on it is worth a look before. */
  private hasRewritten = false

  constructor(
    private readonly frames: FrameWriter,
    private readonly lent: LentThings,
    private readonly maxBytes: () => number,
    isThere: (handle: Handle) => boolean,
    numberOf?: (stand: object) => number | undefined,
    private readonly mover?: Mover
  ) {
    this.encoder = frames.encoder
    this.departure = mover === undefined ? undefined : new Departure(mover)
    this.references = new ReferenceWriter((thing, scope) => this.lend(thing, scope, true), isThere, numberOf)
    this.prepare(this.encoder)
  }

  /** From now on streams of any class cross as streams. */
  encodeAnyStream(): void {
    this.references.plainStreamsOnly = false
  }

  /** Something that the other side lent stands in the last message. */
  get goesHome(): boolean {
    return this.references.hasSentHome
  }

  /** True when the message is too large for a batch, as it is written. `whole`: it will travel on its own anyway. */
  encode(message: Message, whole: boolean): boolean {
    const { encoder, targets } = this
    const start = encoder.position
    const shapes = encoder.shapes.shapes.length
    const known = targets.targets.length
    if (this.lentNow.length > 0) this.lentNow.length = 0
    this.references.hasSentHome = false
    encoder.limit = this.limitOf(message)
    encoder.moving = movesWith(message) ? this.departure : undefined
    encoder.begin()
    let large: boolean
    this.isBusy = true
    try {
      const { limit, moving } = encoder
      const alone = whole || (this.hasRewritten && message.type === 'call' && isLarge(message))
      writeMessage(encoder, targets, whole ? packBody(message, limit, moving?.moves) : message, alone)
      large = encoder.attachments.length > 0 || encoder.position - start > MESSAGE_LIMIT
      if (large) encoder.checkSize()
    } catch (error) {
      this.undo(start, shapes, known)
      throw refusalOf(error, message)
    } finally {
      this.isBusy = false
    }
    // A parcel is overtaken by later messages, which must not miss what it would have put into the tables.
    if (large && !whole && (encoder.shapes.shapes.length > shapes || targets.targets.length > known)) {
      this.hasRewritten = true
      this.rewrite(message, start, shapes, known)
    }
    return large
  }

  /** The same of an invocation in a row. When it is too large, it is written as a message that can travel on its own. */
  encodeAgain(id: number, reference: number, parameters: unknown[], live: boolean): boolean {
    const { encoder } = this
    const start = encoder.position
    const shapes = encoder.shapes.shapes.length
    if (this.lentNow.length > 0) this.lentNow.length = 0
    encoder.limit = this.maxBytes()
    encoder.moving = undefined
    encoder.begin()
    this.isBusy = true
    try {
      writeAgain(encoder, parameters, live)
    } catch (error) {
      this.undo(start, shapes, this.targets.targets.length)
      throw refusalOf(error, { type: 'invoke', id, reference, parameters, live })
    } finally {
      this.isBusy = false
    }
    if (encoder.attachments.length === 0 && encoder.position - start <= MESSAGE_LIMIT) return false
    const message: Invoke = { type: 'invoke', id, reference, parameters, live }
    if (encoder.shapes.shapes.length === shapes) writeHeadOf(encoder, message, start)
    else this.rewrite(message, start, shapes, this.targets.targets.length)
    return true
  }

  /** What was encoded is on its way: its values are not needed any more, and what moves with it leaves. */
  done(): void {
    this.encoder.forget()
    if (this.departure?.isEmpty === false) this.departure.leave()
  }

  /** A message beside the one that is being encoded: it shares neither memory nor tables with it. */
  encodeBeside(message: Message): Uint8Array[] {
    const encoder = new Encoder(1024)
    const { lentNow } = this
    this.lentNow = []
    this.prepare(encoder)
    encoder.limit = this.limitOf(message)
    const departure = this.mover === undefined ? undefined : new Departure(this.mover)
    encoder.moving = movesWith(message) ? departure : undefined
    encoder.begin()
    try {
      const { limit, moving } = encoder
      writeMessage(encoder, new TargetTable(), packBody(message, limit, moving?.moves), true)
      const bytes = Buffer.from(encoder.bytes.subarray(0, encoder.position))
      departure?.leave()
      return [bytes, ...encoder.attachments]
    } catch (error) {
      this.takeBack()
      throw refusalOf(error, message)
    } finally {
      this.lentNow = lentNow
    }
  }

  /** Again from the start, so that it can be read without the tables. */
  private rewrite(message: Message, start: number, shapes: number, targets: number): void {
    this.isBusy = true
    try {
      this.undo(start, shapes, targets)
    } finally {
      this.isBusy = false
    }
    this.encode(message, true)
  }

  /** While it is busy: a stream that is not lent after all may send something. Memory comes last: there may be none. */
  private undo(start: number, shapes: number, targets: number): void {
    const { encoder } = this
    encoder.position = start
    encoder.shapes.truncate(shapes)
    encoder.forget()
    this.targets.truncate(targets)
    this.departure?.cancel()
    this.takeBack()
    this.frames.shrink()
  }

  private prepare(encoder: Encoder): void {
    encoder.lend = this.lend
    encoder.references = this.references
  }

  private readonly lend = (lent: object, scope?: Scope, live = false): number => {
    const reference = this.lent.lend(lent, live, scope)
    this.lentNow.push(reference)
    return reference
  }

  /** The functions of a message that is not sent are not lent. */
  private takeBack(): void {
    for (const reference of this.lentNow) this.lent.release(reference, 1)
    this.lentNow.length = 0
  }

  /** Why something failed can be told, however little a value may take. */
  private limitOf(message: Message): number {
    const limit = this.maxBytes()
    return tellsWhy(message) ? Math.max(limit, MESSAGE_SLACK) : limit
  }
}

/** It says that something failed. */
function tellsWhy(message: Message): boolean {
  switch (message.type) {
    case 'failure':
    case 'refused':
    case 'trouble':
      return true
    default:
      return message.type === 'outcome' && message.state !== 'value'
  }
}

/** Whether sockets and servers can be sent with it. */
function movesWith({ type }: Message): boolean {
  return type === 'call' || type === 'script'
}
