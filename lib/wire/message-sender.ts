import type { Handle } from './chain.js'
import type { Channel } from './channel.js'
import { FrameWriter } from './frame-writer.js'
import { MessageEncoder } from './message-encoder.js'
import type { Message } from './messages.js'
import type { Mover } from './moved.js'
import { OutgoingParcels } from './outgoing-parcels.js'
import type { LentThings } from './references.js'

/** Writes of chunks in one go before others get their turn. */
const TURNS = 4

/**
 * Sends messages, in batches and, where they are large, in parcels beside them: it decides what goes which way and when,
 * so that ordered messages arrive in the order in which they were sent.
 */
export class MessageSender {
  private readonly frames: FrameWriter
  private readonly messages: MessageEncoder
  private readonly parcels: OutgoingParcels
  private scheduled = false
  private pumping = false

  constructor(
    channel: Channel,
    lent: LentThings,
    maxBytes: () => number,
    isThere: (handle: Handle) => boolean,
    numberOf?: (stand: object) => number | undefined,
    mover?: Mover
  ) {
    this.frames = new FrameWriter(channel)
    this.messages = new MessageEncoder(this.frames, lent, maxBytes, isThere, numberOf, mover)
    this.parcels = new OutgoingParcels(maxBytes)
  }

  /** From now on streams of any class cross as streams. */
  sendAnyStream(): void {
    this.messages.encodeAnyStream()
  }

  /** Messages in the batch that has not left yet. */
  get batched(): number {
    return this.frames.batched
  }

  /** Bytes of small messages that the channel has not taken. Parcels do not count: nothing waits behind them. */
  get unsentBytes(): number {
    return this.frames.unsentBytes
  }

  /** The same with the parcels among the ordered messages. */
  get unsentOrderedBytes(): number {
    return this.unsentBytes + this.parcels.orderedBytes
  }

  /** The same while the channel takes nothing; otherwise none. */
  get stuckBytes(): number {
    return this.frames.state === 'blocked' ? this.unsentOrderedBytes : 0
  }

  /** Throws a Refusal when a value cannot cross; then nothing of the message is sent. */
  send(message: Message, ordered: boolean): void {
    const { frames, messages } = this
    if (frames.state === 'stopped') return
    if (messages.isBusy) return this.sendBehind(message, ordered)
    const start = frames.begin()
    const queued = ordered && this.parcels.orderedBusy
    const large = messages.encode(message, queued)
    if (large || queued) {
      // What goes home must not be overtaken by its release.
      this.cutParcel(start, ordered || messages.goesHome)
    } else {
      frames.repetition.endsWith(message)
      frames.grown()
    }
    messages.done()
    this.schedule()
  }

  /**
   * Sends an invocation in a row, if the batch ends with one before it of the same function; false: it is sent as a
   * message. Without a message for each, and all that those can be, a caller spends 95 instead of 125 ns (Node 20,
   * `node bench/limits/callback-parts.mjs emitNumbers dist`).
   */
  sendAgain(id: number, reference: number, parameters: unknown[], live: boolean): boolean {
    const { frames, messages } = this
    if (messages.isBusy || !frames.repetition.goesOn(id, reference, live)) return false
    if (this.parcels.orderedBusy) return false
    const start = frames.begin()
    if (messages.encodeAgain(id, reference, parameters, live)) {
      this.cutParcel(start, true)
    } else {
      frames.repetition.next()
      frames.grown()
    }
    messages.done()
    this.schedule()
    return true
  }

  /** Sends the batch now. */
  flush(): void {
    if (!this.messages.isBusy) this.frames.flush()
  }

  drained(): void {
    if (this.frames.state !== 'blocked') return
    this.frames.drained()
    this.pump()
  }

  stop(): void {
    this.frames.stop()
    this.parcels.clear()
  }

  /** Behind the message that is being encoded, as a parcel. */
  private sendBehind(message: Message, ordered: boolean): void {
    this.parcels.add(this.messages.encodeBeside(message), ordered)
    this.schedule()
  }

  /** Takes the message at the end of the batch out again, to travel on its own. */
  private cutParcel(start: number, ordered: boolean): void {
    const message = this.frames.cut(start)
    this.parcels.add([message, ...this.frames.encoder.attachments], ordered)
  }

  private schedule(): void {
    if (this.scheduled) return
    this.scheduled = true
    process.nextTick(this.endOfTick)
  }

  private readonly endOfTick = (): void => {
    this.scheduled = false
    this.frames.beginTick()
    this.flush()
    if (!this.parcels.empty) this.pump()
  }

  /** Writes chunks of parcels as long as the channel takes them, each after the batch that has come up meanwhile. */
  private pump(): void {
    for (let turn = 0; this.frames.state === 'open' && !this.parcels.empty; turn++) {
      if (turn === TURNS) return this.pumpLater()
      this.frames.writeChunk(this.parcels)
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
}
