import type { Channel } from './channel.js'
import { Encoder } from './encoder.js'
import { BATCH, CHUNK, KIND_SHIFT } from './frame-reader.js'
import { PARCEL } from './message-tags.js'
import { BATCH_LIMIT, MESSAGE_LIMIT } from './protocol-limits.js'
import type { Chunk, OutgoingParcels } from './outgoing-parcels.js'
import { Repetition } from './repetition.js'

/**
 * Within one tick a batch leaves after 16 messages, the next after 32, 64, and so on: the other process starts to work
 * while this one still writes. What is left goes at the end of the tick. (64 calls in flight: twice as fast as one
 * batch a tick. Beginning with 8, each process spends a sixth more, in twice the writes; beginning with 32, they wait
 * for each other: 848, 928 and 694 k/s with 8, 16 and 32, Node 20.)
 */
const FIRST_BATCH = 16
const LARGEST_BATCH = 1024

const INITIAL_SIZE = BATCH_LIMIT + MESSAGE_LIMIT
/** A smaller chunk is copied behind its header. */
const COPIED = 4096

/**
 * Gathers messages in batches, puts chunks of parcels beside them, and hands both to a channel in frames. It owns the
 * memory that they are written to, and exchanges it when the channel, or a parcel, needs it for longer.
 */
export class FrameWriter {
  /** Messages are written behind each other with it. */
  readonly encoder = new Encoder(INITIAL_SIZE)
  /** Messages in the batch that has not left yet. */
  batched = 0
  /** What that batch ends with. */
  readonly repetition = new Repetition()
  /** Blocked: the channel takes nothing until it is drained. */
  state: 'open' | 'blocked' | 'stopped' = 'open'
  private frame = -1
  private threshold = FIRST_BATCH
  private spare: Buffer | undefined
  private held: Buffer | undefined
  private heldBytes = 0

  constructor(private readonly channel: Channel) {}

  /** Bytes that the channel has not taken. */
  get unsentBytes(): number {
    return this.encoder.position + this.heldBytes
  }

  /** A message is written next; where it begins. */
  begin(): number {
    if (this.frame < 0) this.openFrame()
    return this.encoder.position
  }

  /** The batch has one message more. */
  grown(): void {
    if (++this.batched < this.threshold && this.encoder.position - this.frame <= BATCH_LIMIT) return
    this.threshold = Math.min(this.threshold * 2, LARGEST_BATCH)
    this.flush()
  }

  /** Takes the message that begins here out of the batch again. */
  cut(start: number): Buffer {
    const { encoder } = this
    const end = encoder.position
    encoder.position = start
    return end - start > INITIAL_SIZE ? this.giveAway(start, end) : copyOf(encoder.bytes, start, end)
  }

  /** Memory that had to grow for what was taken back is not kept. */
  shrink(): void {
    const { bytes, position } = this.encoder
    if (bytes.length > 2 * Math.max(INITIAL_SIZE, position)) this.giveAway(position, position)
  }

  /** Sends the batch now. While the channel is full batches gather, each in a frame of its own. */
  flush(): void {
    if (this.frame < 0 || this.state === 'stopped') return
    if (this.state === 'blocked') {
      if (this.encoder.position - this.frame > BATCH_LIMIT) this.closeFrame()
      return
    }
    this.closeFrame()
    this.write()
  }

  /** The next batch is the first of a tick. */
  beginTick(): void {
    this.threshold = FIRST_BATCH
  }

  /** The batch, then a chunk behind its header, in one write. What is small is copied, so that more of it goes along. */
  writeChunk(parcels: OutgoingParcels): void {
    const { encoder } = this
    for (let chunk = parcels.chunk(); chunk !== undefined; chunk = parcels.chunk()) {
      const { bytes } = chunk
      this.writeHeader(chunk)
      if (bytes.length >= COPIED) return this.write(bytes)
      encoder.raw(bytes)
      if (encoder.position > BATCH_LIMIT) break
    }
    this.write()
  }

  /** The channel has taken what it was given, and gets what has gathered. */
  drained(): void {
    this.state = 'open'
    this.spare ??= this.held
    this.held = undefined
    this.heldBytes = 0
    if (this.frame >= 0) this.closeFrame()
    this.write()
  }

  stop(): void {
    this.state = 'stopped'
    this.repetition.end()
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

  /** A message for which the memory had to grow takes that memory along, and the batch before it moves. */
  private giveAway(start: number, end: number): Buffer {
    const { encoder } = this
    const batch = copyOf(encoder.bytes, 0, start)
    const used = encoder.exchange(Buffer.allocUnsafeSlow(Math.max(INITIAL_SIZE, start * 2)))
    encoder.raw(batch)
    return used.subarray(start, end)
  }
}

function copyOf(bytes: Buffer, start: number, end: number): Buffer {
  return Buffer.from(bytes.subarray(start, end))
}
