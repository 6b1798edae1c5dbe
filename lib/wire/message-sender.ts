import type { Channel } from './channel.js'
import { Encoder } from './encoder.js'
import { BATCH, CHUNK, KIND_SHIFT } from './frame-reader.js'
import { writeAgain, writeHeadOf, writeMessage } from './message-writer.js'
import { isLarge, packBody, refusalOf } from './message-body.js'
import { BATCH_LIMIT, MESSAGE_LIMIT, PARCEL, type Invoke, type Message } from './messages.js'
import { OutgoingParcels, type Chunk } from './outgoing-parcels.js'
import type { Handle } from './chain.js'
import { ReferenceWriter } from './live-writer.js'
import { Departure, type Mover } from './moved.js'
import type { LentThings } from './references.js'
import { Repetition } from './repetition.js'
import type { Scope } from './scope.js'
import { MESSAGE_SLACK } from './tags.js'
import { TargetTable } from './target-table.js'

/**
 * Within one tick a batch leaves after 16 messages, the next after 32, 64, and so on: the other process starts to work
 * while this one still writes. What is left goes at the end of the tick. (64 calls in flight: twice as fast as one
 * batch a tick. Beginning with 8, each process spends a sixth more, in twice the writes; beginning with 32, they wait
 * for each other: 848, 928 and 694 k/s with 8, 16 and 32, Node 20.)
 */
const FIRST_BATCH = 16
const LARGEST_BATCH = 1024

const INITIAL_SIZE = BATCH_LIMIT + MESSAGE_LIMIT
/** Writes of chunks in one go before others get their turn. */
const TURNS = 4
/** A smaller chunk is copied behind its header. */
const COPIED = 4096

/** Encodes messages when they are sent, gathers them in batches, and lets large ones travel in chunks beside them. */
export class MessageSender {
  /** Messages in the batch that has not left yet. */
  batched = 0
  private readonly encoder = new Encoder(INITIAL_SIZE)
  private readonly references: ReferenceWriter
  private readonly targets = new TargetTable()
  private readonly parcels: OutgoingParcels
  private readonly repetition = new Repetition()
  private lentNow: number[] = []
  /** What moves with the message that is being encoded. */
  private readonly departure: Departure | undefined
  private frame = -1
  private threshold = FIRST_BATCH
  private scheduled = false
  private pumping = false
  private state: 'open' | 'blocked' | 'stopped' = 'open'
  private spare: Buffer | undefined
  private held: Buffer | undefined
  private heldBytes = 0
  /** A message was too large when it was written, and written again: from then on it is worth a look before. */
  private hasRewritten = false
  /** A message is being encoded, and a getter in it may send another one. */
  private encoding = false

  constructor(
    private readonly channel: Channel,
    private readonly lent: LentThings,
    private readonly maxBytes: () => number,
    isThere: (handle: Handle) => boolean,
    numberOf?: (stand: object) => number | undefined,
    private readonly mover?: Mover
  ) {
    this.departure = mover === undefined ? undefined : new Departure(mover)
    this.parcels = new OutgoingParcels(maxBytes)
    this.references = new ReferenceWriter((thing, scope) => this.lend(thing, scope, true), isThere, numberOf)
    this.prepare(this.encoder)
  }

  /** From now on streams of any class cross as streams. */
  sendAnyStream(): void {
    this.references.plainStreamsOnly = false
  }

  /** Bytes of small messages that the channel has not taken. Parcels do not count: nothing waits behind them. */
  get unsentBytes(): number {
    return this.encoder.position + this.heldBytes
  }

  /** The same with the parcels among the ordered messages. */
  get unsentOrderedBytes(): number {
    return this.unsentBytes + this.parcels.orderedBytes
  }

  /** The same while the channel takes nothing; otherwise none. */
  get stuckBytes(): number {
    return this.state === 'blocked' ? this.unsentOrderedBytes : 0
  }

  /** Throws a Refusal when a value cannot cross; then nothing of the message is sent. */
  send(message: Message, ordered: boolean): void {
    if (this.state === 'stopped') return
    if (this.encoding) return this.sendBehind(message, ordered)
    const { encoder } = this
    if (this.frame < 0) this.openFrame()
    const start = encoder.position
    const queued = ordered && this.parcels.orderedBusy
    this.encoding = true
    this.references.hasSentHome = false
    let large: boolean
    try {
      large = this.encode(message, start, queued)
    } finally {
      this.encoding = false
    }
    if (large || queued) {
      // What goes home must not be overtaken by its release.
      this.cutParcel(start, ordered || this.references.hasSentHome)
    } else {
      this.repetition.endsWith(message)
      this.grown()
    }
    encoder.forget()
    if (this.departure?.isEmpty === false) this.departure.leave()
    this.schedule()
  }

  /**
   * Sends an invocation in a row, if the batch ends with one before it of the same function; false: it is sent as a
   * message. Without a message for each, and all that those can be, a caller spends 95 instead of 125 ns (Node 20,
   * `node bench/limits/callback-parts.mjs emitNumbers dist`).
   */
  sendAgain(id: number, reference: number, parameters: unknown[], live: boolean): boolean {
    if (this.encoding || !this.repetition.goesOn(id, reference, live)) return false
    if (this.parcels.orderedBusy) return false
    const { encoder } = this
    const start = encoder.position
    this.encoding = true
    let large: boolean
    try {
      large = this.encodeAgain(id, reference, parameters, live)
    } finally {
      this.encoding = false
    }
    if (large) {
      this.cutParcel(start, true)
    } else {
      this.repetition.next()
      this.grown()
    }
    encoder.forget()
    this.schedule()
    return true
  }

  /** Sends the batch now. While the channel is full batches gather, each in a frame of its own. */
  flush(): void {
    if (this.frame < 0 || this.encoding || this.state === 'stopped') return
    if (this.state === 'blocked') {
      if (this.encoder.position - this.frame > BATCH_LIMIT) this.closeFrame()
      return
    }
    this.closeFrame()
    this.write()
  }

  drained(): void {
    if (this.state !== 'blocked') return
    this.state = 'open'
    this.spare ??= this.held
    this.held = undefined
    this.heldBytes = 0
    if (this.frame >= 0) this.closeFrame()
    this.write()
    this.pump()
  }

  stop(): void {
    this.state = 'stopped'
    this.repetition.end()
    this.parcels.clear()
  }

  /** True when the message is too large for a batch; then it is encoded as a whole. */
  private encode(message: Message, start: number, whole: boolean): boolean {
    const { encoder, targets } = this
    const shapes = encoder.shapes.shapes.length
    const known = targets.targets.length
    if (this.lentNow.length > 0) this.lentNow.length = 0
    encoder.limit = this.limitOf(message)
    encoder.moving = movesWith(message) ? this.departure : undefined
    encoder.begin()
    let large: boolean
    try {
      const { limit, moving } = encoder
      const alone = whole || (this.hasRewritten && message.type === 'call' && isLarge(message))
      writeMessage(encoder, targets, whole ? packBody(message, limit, moving?.moves) : message, alone)
      large = encoder.attachments.length > 0 || encoder.position - start > MESSAGE_LIMIT
      if (large) encoder.checkSize()
    } catch (error) {
      this.undo(start, shapes, known)
      throw refusalOf(error, message)
    }
    // A parcel is overtaken by later messages, which must not miss what it would have put into the tables.
    if (large && !whole && (encoder.shapes.shapes.length > shapes || targets.targets.length > known)) {
      this.undo(start, shapes, known)
      this.hasRewritten = true
      this.encode(message, start, true)
    }
    return large
  }

  /** True when it is too large for a batch; then it is a message that can travel on its own. */
  private encodeAgain(id: number, reference: number, parameters: unknown[], live: boolean): boolean {
    const { encoder } = this
    const start = encoder.position
    const shapes = encoder.shapes.shapes.length
    if (this.lentNow.length > 0) this.lentNow.length = 0
    encoder.limit = this.maxBytes()
    encoder.moving = undefined
    encoder.begin()
    try {
      writeAgain(encoder, parameters, live)
    } catch (error) {
      this.undo(start, shapes, this.targets.targets.length)
      throw refusalOf(error, { type: 'invoke', id, reference, parameters, live })
    }
    if (encoder.attachments.length === 0 && encoder.position - start <= MESSAGE_LIMIT) return false
    const message: Invoke = { type: 'invoke', id, reference, parameters, live }
    if (encoder.shapes.shapes.length === shapes) {
      writeHeadOf(encoder, message, start)
    } else {
      this.undo(start, shapes, this.targets.targets.length)
      this.encode(message, start, true)
    }
    return true
  }

  /** Behind the message that is being encoded, as a parcel: it shares neither memory nor tables with it. */
  private sendBehind(message: Message, ordered: boolean): void {
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
      this.parcels.add([copyOf(encoder.bytes, 0, encoder.position), ...encoder.attachments], ordered)
      departure?.leave()
    } catch (error) {
      this.takeBack()
      throw refusalOf(error, message)
    } finally {
      this.lentNow = lentNow
    }
    this.schedule()
  }

  private undo(start: number, shapes: number, targets: number): void {
    const { encoder } = this
    encoder.position = start
    encoder.shapes.truncate(shapes)
    encoder.forget()
    this.targets.truncate(targets)
    this.departure?.cancel()
    this.takeBack()
    if (encoder.bytes.length > 2 * Math.max(INITIAL_SIZE, start)) this.giveAway(start, start)
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

  /** The batch has one message more. */
  private grown(): void {
    if (++this.batched < this.threshold && this.encoder.position - this.frame <= BATCH_LIMIT) return
    this.threshold = Math.min(this.threshold * 2, LARGEST_BATCH)
    this.flush()
  }

  /** Takes the message at the end of the batch out again, to travel on its own. */
  private cutParcel(start: number, ordered: boolean): void {
    const { encoder } = this
    const end = encoder.position
    encoder.position = start
    const message = end - start > INITIAL_SIZE ? this.giveAway(start, end) : copyOf(encoder.bytes, start, end)
    this.parcels.add([message, ...encoder.attachments], ordered)
  }

  /** A message for which the memory had to grow takes that memory along, and the batch before it moves. */
  private giveAway(start: number, end: number): Buffer {
    const { encoder } = this
    const batch = copyOf(encoder.bytes, 0, start)
    const used = encoder.exchange(Buffer.allocUnsafeSlow(Math.max(INITIAL_SIZE, start * 2)))
    encoder.raw(batch)
    return used.subarray(start, end)
  }

  private schedule(): void {
    if (this.scheduled) return
    this.scheduled = true
    process.nextTick(this.endOfTick)
  }

  private readonly endOfTick = (): void => {
    this.scheduled = false
    this.threshold = FIRST_BATCH
    this.flush()
    if (!this.parcels.empty) this.pump()
  }

  private openFrame(): void {
    this.frame = this.encoder.position
    this.encoder.uint32(0)
    this.batched = 0
  }

  private closeFrame(): void {
    const { encoder } = this
    const length = encoder.position - this.frame - 4
    if (length === 0) encoder.position = this.frame
    else encoder.bytes.writeUInt32LE(length + BATCH * 2 ** KIND_SHIFT, this.frame)
    this.frame = -1
    this.batched = 0
    this.repetition.end()
  }

  /** Hands all closed frames over, and these bytes behind them. Memory that is still needed is exchanged for other. */
  private write(more?: Uint8Array): void {
    const { encoder } = this
    const length = encoder.position
    if (length === 0) return
    const frames = encoder.bytes.subarray(0, length)
    if (this.channel.write(frames, more === undefined ? undefined : [more])) encoder.position = 0
    else this.block(length + (more?.length ?? 0))
  }

  /** The channel needs the memory until it is drained. */
  private block(bytes: number): void {
    const { encoder } = this
    this.state = 'blocked'
    this.heldBytes = bytes
    const memory = this.spare ?? Buffer.allocUnsafeSlow(INITIAL_SIZE)
    this.spare = undefined
    const used = encoder.exchange(memory)
    // Memory that had to grow for a rush is not kept.
    this.held = used.length === INITIAL_SIZE ? used : undefined
  }

  /** Writes chunks of parcels as long as the channel takes them, each after the batch that has come up meanwhile. */
  private pump(): void {
    for (let turn = 0; this.state === 'open' && !this.parcels.empty; turn++) {
      if (turn === TURNS) return this.pumpLater()
      this.writeChunk()
    }
  }

  private pumpLater(): void {
    if (this.pumping) return
    this.pumping = true
    setImmediate(() => {
      this.pumping = false
      this.pump()
    })
  }

  /** The batch, then a chunk behind its header, in one write. What is small is copied, so that more of it goes along. */
  private writeChunk(): void {
    const { encoder } = this
    for (let chunk = this.parcels.chunk(); chunk !== undefined; chunk = this.parcels.chunk()) {
      const { bytes } = chunk
      this.writeHeader(chunk)
      if (bytes.length >= COPIED) return this.write(bytes)
      encoder.raw(bytes)
      if (encoder.position > BATCH_LIMIT) break
    }
    this.write()
  }

  private writeHeader(chunk: Chunk): void {
    const { encoder } = this
    if (chunk.sizes !== undefined) {
      if (this.frame < 0) this.openFrame()
      encoder.byte(PARCEL)
      encoder.count(chunk.parcel)
      encoder.count(chunk.sizes.length)
      for (const size of chunk.sizes) encoder.count(size)
      if (chunk.message !== undefined) encoder.raw(chunk.message)
    }
    if (this.frame >= 0) this.closeFrame()
    encoder.uint32(chunk.bytes.length + CHUNK * 2 ** KIND_SHIFT)
    encoder.uint32(chunk.parcel)
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

function copyOf(bytes: Buffer, start: number, end: number): Buffer {
  return Buffer.from(bytes.subarray(start, end))
}
