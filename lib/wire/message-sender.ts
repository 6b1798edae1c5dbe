import type { Channel } from './channel.js'
import { Encoder } from './encoder.js'
import { BATCH, CHUNK, KIND_SHIFT } from './frame-reader.js'
import { TargetTable, writeMessage } from './message-writer.js'
import { packBody, refusalOf } from './message-body.js'
import { BATCH_LIMIT, CHUNK_SIZE, MESSAGE_LIMIT, PARCEL, type Message } from './messages.js'
import { OutgoingParcels, type Chunk } from './outgoing-parcels.js'
import type { LentFunctions } from './references.js'
import { MESSAGE_SLACK } from './tags.js'

/**
 * Within one tick a batch leaves after 8 messages, the next after 16, 32, and so on: the other process starts to work
 * while this one still writes. What is left goes at the end of the tick. (64 calls in flight: twice as fast as one
 * batch a tick, Node 20.)
 */
const FIRST_BATCH = 8
const LARGEST_BATCH = 1024

const INITIAL_SIZE = BATCH_LIMIT + MESSAGE_LIMIT
/** Writes of chunks in one go before others get their turn. */
const TURNS = 4

/** Encodes messages when they are sent, gathers them in batches, and lets large ones travel in chunks beside them. */
export class MessageSender {
  /** Messages in the batch that has not left yet. */
  batched = 0
  private readonly encoder = new Encoder(INITIAL_SIZE)
  private readonly targets = new TargetTable()
  private readonly parcels: OutgoingParcels
  private lentNow: number[] = []
  private frame = -1
  private threshold = FIRST_BATCH
  private scheduled = false
  private pumping = false
  private state: 'open' | 'blocked' | 'stopped' = 'open'
  private spare: Buffer | undefined
  private held: Buffer | undefined
  private heldBytes = 0
  /** A message is being encoded, and a getter in it may send another one. */
  private encoding = false

  constructor(
    private readonly channel: Channel,
    private readonly lent: LentFunctions,
    private readonly maxBytes: () => number
  ) {
    this.parcels = new OutgoingParcels(maxBytes)
    this.encoder.lend = this.lend
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
    let large: boolean
    try {
      large = this.encode(message, start, queued)
    } finally {
      this.encoding = false
    }
    if (large || queued) {
      this.cutParcel(start, ordered)
    } else if (++this.batched >= this.threshold || encoder.position - this.frame > BATCH_LIMIT) {
      this.threshold = Math.min(this.threshold * 2, LARGEST_BATCH)
      this.flush()
    }
    encoder.forget()
    this.schedule()
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
    this.parcels.clear()
  }

  /** True when the message is too large for a batch; then it is encoded as a whole. */
  private encode(message: Message, start: number, whole: boolean): boolean {
    const { encoder, targets } = this
    const shapes = encoder.shapes.shapes.length
    const known = targets.targets.length
    if (this.lentNow.length > 0) this.lentNow.length = 0
    encoder.limit = this.limitOf(message)
    encoder.begin()
    let large: boolean
    try {
      writeMessage(encoder, targets, whole ? packBody(message, encoder.limit) : message, whole)
      large = encoder.attachments.length > 0 || encoder.position - start > MESSAGE_LIMIT
      if (large) encoder.checkSize()
    } catch (error) {
      this.undo(start, shapes, known)
      throw refusalOf(error, message)
    }
    // A parcel is overtaken by later messages, which must not miss what it would have put into the tables.
    if (large && !whole && (encoder.shapes.shapes.length > shapes || targets.targets.length > known)) {
      this.undo(start, shapes, known)
      this.encode(message, start, true)
    }
    return large
  }

  /** Behind the message that is being encoded, as a parcel: it shares neither memory nor tables with it. */
  private sendBehind(message: Message, ordered: boolean): void {
    const encoder = new Encoder(1024)
    const { lentNow } = this
    this.lentNow = []
    encoder.lend = this.lend
    encoder.limit = this.limitOf(message)
    encoder.begin()
    try {
      writeMessage(encoder, new TargetTable(), packBody(message, encoder.limit), true)
      this.parcels.add([copyOf(encoder.bytes, 0, encoder.position), ...encoder.attachments], ordered)
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
    this.takeBack()
    if (encoder.bytes.length > 2 * Math.max(INITIAL_SIZE, start)) this.giveAway(start, start)
  }

  private readonly lend = (lent: Function): number => {
    const reference = this.lent.lend(lent)
    this.lentNow.push(reference)
    return reference
  }

  /** The functions of a message that is not sent are not lent. */
  private takeBack(): void {
    for (const reference of this.lentNow) this.lent.release(reference, 1)
    this.lentNow.length = 0
  }

  /** Why something failed can be told, however little a value may take. */
  private limitOf({ type }: Message): number {
    const limit = this.maxBytes()
    return type === 'failure' || type === 'refused' || type === 'trouble'
      ? Math.max(limit, MESSAGE_SLACK)
      : limit
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
  }

  /** Hands all closed frames over. Memory that the channel still needs is exchanged for other memory. */
  private write(): void {
    const { encoder } = this
    if (encoder.position === 0) return
    if (this.channel.write(encoder.bytes.subarray(0, encoder.position))) encoder.position = 0
    else this.block(encoder.position)
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
      this.writeChunks()
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

  /** The batch, then chunks of about CHUNK_SIZE together, each behind its header: in one write. */
  private writeChunks(): void {
    const { encoder } = this
    const chunks: Chunk[] = []
    const ends: number[] = []
    for (let size = 0; size < CHUNK_SIZE;) {
      const chunk = this.parcels.chunk()
      if (chunk === undefined) break
      this.writeHeader(chunk)
      chunks.push(chunk)
      ends.push(encoder.position)
      size += chunk.bytes.length
    }
    const pieces: Uint8Array[] = []
    chunks.forEach((chunk, place) => {
      pieces.push(encoder.bytes.subarray(ends[place - 1] ?? 0, ends[place]), chunk.bytes)
    })
    const [first, ...more] = pieces
    if (first === undefined) return
    if (this.channel.write(first, more)) encoder.position = 0
    else this.block(pieces.reduce((sum, piece) => sum + piece.length, 0))
  }

  private writeHeader(chunk: Chunk): void {
    const { encoder } = this
    if (chunk.sizes !== undefined) {
      if (this.frame < 0) this.openFrame()
      encoder.byte(PARCEL)
      encoder.count(chunk.parcel)
      encoder.count(chunk.sizes.length)
      for (const size of chunk.sizes) encoder.count(size)
    }
    if (this.frame >= 0) this.closeFrame()
    encoder.uint32(chunk.bytes.length + CHUNK * 2 ** KIND_SHIFT)
    encoder.uint32(chunk.parcel)
  }
}

function copyOf(bytes: Buffer, start: number, end: number): Buffer {
  return Buffer.from(bytes.subarray(start, end))
}
