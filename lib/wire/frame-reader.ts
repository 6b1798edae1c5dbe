import { ProtocolViolation } from './byte-reader.js'
import type { Channel, ChannelReader } from './channel.js'
import { now } from './clock.js'
import { type IncomingParcels } from './incoming-parcels.js'
import { BATCH_LIMIT, CHUNK_SIZE, MESSAGE_LIMIT } from './protocol-limits.js'

/** What comes out of the frames. Whatever these throw ends the connection as a violation. */
export interface FrameHandler {
  batch(bytes: Buffer, start: number, end: number): void
  parcel(parts: readonly Buffer[]): void
  /** The other side has to take what waits for it before more is read from it. */
  readonly overdue: boolean
  /** What runs on this side may be broken off by an interrupt: nothing that waits behind it may be lost. Default false. */
  readonly isInterruptible?: boolean
  drained(): void
  ended(error?: Error): void
  violated(violation: ProtocolViolation): void
}

export const KIND_SHIFT = 30
export const BATCH = 0
export const CHUNK = 1
const LENGTH_MASK = 2 ** KIND_SHIFT - 1
const LONGEST_BATCH = BATCH_LIMIT + MESSAGE_LIMIT + 1024

/**
 * One read brings up to half of this or more: 256 KiB need a quarter of the system calls of 64 KiB. All of it has room
 * for the longest batch.
 */
const BUFFER_SIZE = 512 * 1024
/**
 * While a parcel arrives, and after one, when the next may follow, headers are read into no more than this, so that
 * the rest of a chunk needs no copy.
 */
const HEADER_WINDOW = 4096
/** After so many ms of frames in one go others get their turn first: a flood must not stall this process. */
const TURN = 2

/** Cuts what a channel brings into frames. A header is checked before anything it promises is waited for. */
export class FrameReader implements ChannelReader {
  private bytes: Buffer = Buffer.allocUnsafeSlow(BUFFER_SIZE)
  private otherBytes: Buffer | undefined
  private start = 0
  private end = 0
  private direct = false
  /** A parcel is arriving, or was the last that came. */
  private amongParcels = false
  /** Bytes that a batch which has begun to arrive still lacks. */
  private missing = 0
  /** What `target` returned and `received` has not been called for. */
  private offered: Uint8Array | undefined
  private lastOffered: Uint8Array | undefined
  private state: 'open' | 'resting' | 'waiting' | 'ended' = 'open'
  private ending: { error: Error | undefined } | undefined
  private goesOnLater = false

  constructor(
    private readonly channel: Channel,
    private readonly handler: FrameHandler,
    private readonly parcels: IncomingParcels
  ) {}

  target(): Uint8Array {
    this.offered = this.place()
    return this.offered
  }

  private place(): Uint8Array {
    this.direct = this.parcels.remaining > 0 && this.start === this.end
    if (this.direct) return this.parcels.target()
    if (this.start === this.end) this.start = this.end = 0
    else if (this.start > 0 && this.bytes.length - this.end < BUFFER_SIZE / 2) this.moveToFront()
    if (this.amongParcels) {
      return this.bytes.subarray(this.end, this.end + Math.max(HEADER_WINDOW, this.missing))
    }
    return this.end === 0 ? this.bytes : this.bytes.subarray(this.end)
  }

  received(count: number): boolean {
    if (this.state === 'ended') return false
    const { offered } = this
    this.offered = undefined
    this.lastOffered = offered ?? this.lastOffered
    if (offered === undefined) this.recover(count)
    else if (!this.direct) this.end += count
    if (this.handler.isInterruptible === true && this.hasSeveral) this.secure()
    const more = this.cut(offered !== undefined && this.direct ? count : 0)
    // A large value must not be kept.
    if (this.direct) this.lastOffered = undefined
    return more
  }

  drained(): void {
    this.handler.drained()
  }

  /** What was read before the end is handled before the end is told. */
  ended(error?: Error): void {
    this.ending = { error }
    if (this.state === 'waiting') this.resume()
    else if (this.state !== 'resting') this.finish()
  }

  /** Goes on after the other side has taken what waited for it. */
  resume(): void {
    if (this.state !== 'waiting') return
    this.state = 'open'
    this.rest()
  }

  stop(): void {
    this.state = 'ended'
  }

  private finish(): void {
    if (this.state === 'ended') return
    this.state = 'ended'
    this.handler.ended(this.ending?.error)
  }

  /** What is here may be more than one frame; what is handled first may be broken off. */
  private get hasSeveral(): boolean {
    const available = this.end - this.start
    return (
      this.parcels.remaining > 0 ||
      (available > 4 && available > (this.bytes.readUInt32LE(this.start) & LENGTH_MASK) + 4)
    )
  }

  /**
   * After an interrupt the next bytes come to where the last ones are, and perhaps none come: what is not handled yet
   * is put elsewhere first, and looked at once more in the next turn.
   */
  private secure(): void {
    const { bytes, start, end } = this
    this.bytes = this.otherBytes ?? Buffer.allocUnsafeSlow(BUFFER_SIZE)
    this.otherBytes = bytes
    bytes.copy(this.bytes, 0, start, end)
    this.start = 0
    this.end = end - start
    if (this.goesOnLater) return
    this.goesOnLater = true
    setImmediate(() => {
      this.goesOnLater = false
      if (this.state === 'open') this.cut()
    })
  }

  /**
   * What came before was broken off by an interrupt, in the middle of the call that it led to: then `target` is not
   * asked before the next read, and the bytes are where the last ones were, and belong behind what is still here.
   */
  private recover(count: number): void {
    if (this.lastOffered === undefined || this.end + count > BUFFER_SIZE) {
      return void this.violate('bytes were lost in an interrupt')
    }
    this.bytes.set(this.lastOffered.subarray(0, count), this.end)
    this.end += count
    this.direct = false
  }

  /** Handles the bytes of a chunk that are in their place, and all frames that are here; false when it needs a rest. */
  private cut(filled = 0): boolean {
    const since = now()
    try {
      if (filled > 0) this.chunkFilled(filled)
      while (this.state === 'open' && this.next()) {
        if (this.handler.overdue && this.ending === undefined) return this.wait()
        if (now() - since > TURN) return this.rest()
      }
    } catch (error) {
      return this.violate(reasonOf(error))
    }
    return this.state === 'open'
  }

  private wait(): false {
    if (this.state === 'open') this.state = 'waiting'
    return false
  }

  private rest(): false {
    if (this.state !== 'open') return false
    this.state = 'resting'
    setImmediate(() => {
      if (this.state !== 'resting') return
      this.state = 'open'
      if (!this.cut()) return
      if (this.ending !== undefined) this.finish()
      else this.channel.read(this)
    })
    return false
  }

  /** Handles one frame or a part of a chunk; false when more bytes are needed. */
  private next(): boolean {
    const available = this.end - this.start
    if (available === 0) return false
    if (this.parcels.remaining > 0) return this.takeChunk(available)
    if (available < 4) return false
    const header = this.bytes.readUInt32LE(this.start)
    const length = header & LENGTH_MASK
    const kind = header >>> KIND_SHIFT
    if (kind === BATCH) {
      if (length > LONGEST_BATCH || length === 0) return this.violate(`a frame of ${length} bytes`)
      this.missing = Math.max(0, length + 4 - available)
      if (this.missing > 0) return false
      const start = this.start + 4
      this.start = start + length
      this.handler.batch(this.bytes, start, start + length)
      this.amongParcels = this.parcels.expecting
      return true
    }
    if (kind !== CHUNK || length > CHUNK_SIZE) return this.violate(`a frame of an unknown kind or size`)
    if (available < 8) return false
    const parcel = this.bytes.readUInt32LE(this.start + 4)
    this.start += 8
    this.parcels.begin(parcel, length)
    return true
  }

  private takeChunk(available: number): true {
    const target = this.parcels.target()
    const count = Math.min(available, target.length)
    this.bytes.copy(target, 0, this.start, this.start + count)
    this.start += count
    this.chunkFilled(count)
    return true
  }

  private chunkFilled(count: number): void {
    const parts = this.parcels.filled(count)
    if (parts !== undefined) this.handler.parcel(parts)
  }

  private violate(reason: string): false {
    if (this.state === 'ended') return false
    this.state = 'ended'
    this.handler.violated(new ProtocolViolation(reason))
    return false
  }

  private moveToFront(): void {
    this.bytes.copyWithin(0, this.start, this.end)
    this.end -= this.start
    this.start = 0
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof ProtocolViolation) return error.reason
  return error instanceof Error ? (error.stack ?? error.message) : 'unreadable bytes'
}
