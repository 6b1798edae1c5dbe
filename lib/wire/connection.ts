import type { ProtocolViolation } from './byte-reader.js'
import { CarriedOut } from './carried-out.js'
import type { Reference } from './chain.js'
import type { Channel } from './channel.js'
import { now } from './clock.js'
import type { ConnectionLimits, ConnectionOwner } from './connection-owner.js'
import { Correlator } from './correlator.js'
import { FrameReader, type FrameHandler } from './frame-reader.js'
import { inWords } from './in-words.js'
import { IncomingParcels } from './incoming-parcels.js'
import { Invocations } from './invocations.js'
import { LiveEnd } from './live-end.js'
import { MessageReceiver } from './message-receiver.js'
import { MessageSender } from './message-sender.js'
import type { Message, Request } from './messages.js'
import type { Moved } from './moved.js'
import { Pending, type RequestSink } from './pending.js'
import { BorrowedThings, LentThings } from './references.js'
import { Refusal } from './refusal.js'
import { Responder } from './responder.js'
import { MESSAGE_SLACK } from './tags.js'

/**
 * One end of the conversation between two processes, the same class on both ends. It puts together what sends messages
 * and what receives them, requests and their answers, and what is lent and borrowed; and it ends all of them at the first
 * byte that breaks the protocol. What requests mean is its owner's business.
 */
export class Connection extends Responder implements FrameHandler {
  readonly limits: ConnectionLimits
  /** Functions of this side that the other side may call. */
  readonly lent = new LentThings(
    () => this.limits.maxCallbacks,
    () => queueMicrotask(() => this.isOpen && this.owner.crowded()),
    now,
    () => this.owner.scope?.()
  )
  private readonly pending = new Pending()
  private readonly borrowed = new BorrowedThings(
    (reference, parameters, live) => this.invocations.invoke(reference, parameters, live),
    // Ordered, because it must not overtake an invocation.
    (reference, count) => this.send({ type: 'release', reference, count }, true),
    () => this.limits.maxCallbacks,
    (note) => this.state === 'open' && this.owner.referenceForgotten?.(note)
  )
  private readonly invocations: Invocations
  private readonly carriedOut: CarriedOut
  private readonly live: LiveEnd
  private readonly correlator: Correlator
  private readonly sender: MessageSender
  private readonly reader: FrameReader
  private readonly parcels: IncomingParcels
  private readonly receiver: MessageReceiver
  /** Batches and parcels that have come: a sign of life. */
  heard = 0
  private state: 'open' | 'ended' | 'closed' = 'open'

  constructor(
    private readonly channel: Channel,
    private readonly owner: ConnectionOwner,
    limits: ConnectionLimits
  ) {
    super()
    this.limits = { ...limits }
    this.invocations = new Invocations(this, owner)
    this.correlator = new Correlator(this.pending, this.invocations.rows, this.lent)
    this.carriedOut = new CarriedOut(this, owner)
    this.live = new LiveEnd(this, owner, this.lent, this.borrowed, this.invocations.errorOf)
    this.sender = new MessageSender(
      channel,
      this.lent,
      () => this.limits.maxBytes,
      ({ base }) => this.live.isThere(base),
      (stand) => this.borrowed.numberOf(stand),
      owner.mover
    )
    if (owner.functionsAreReferences === true) this.sender.sendAnyStream()
    this.parcels = new IncomingParcels(() => this.limits.maxBytes + MESSAGE_SLACK)
    this.receiver = new MessageReceiver(this, owner, {
      parcels: this.parcels,
      correlator: this.correlator,
      carriedOut: this.carriedOut,
      lent: this.lent,
      borrowed: this.borrowed,
      live: this.live,
      isAwaited: (id) => (id < 0 ? this.invocations.rows.has(id) : this.pending.has(id))
    })
    this.reader = new FrameReader(channel, this, this.parcels)
    channel.read(this.reader)
  }

  get isInterruptible(): boolean {
    return this.owner.isInterruptible === true
  }

  /** False once either side has ended it. */
  get isOpen(): boolean {
    return this.state === 'open'
  }

  /** Requests that wait for an answer. */
  get inFlight(): number {
    return this.pending.size + this.invocations.rows.size
  }

  /** Bytes of small messages that the channel has not taken. */
  get unsentBytes(): number {
    return this.sender.unsentBytes
  }

  /** The same with the parcels among the ordered messages. */
  get unsentOrderedBytes(): number {
    return this.sender.unsentOrderedBytes
  }

  /**
   * Sends a request, whose id is set here; exactly one member of the sink is called later. Throws a Refusal when the
   * request cannot cross: then nothing was sent and the sink is not called.
   */
  request(request: Request, sink: RequestSink, ordered = false): number {
    if (this.state === 'closed') {
      queueMicrotask(() => sink.lost())
      return 0
    }
    const id = this.pending.add(sink)
    if (id === undefined) throw new Refusal('QUEUE_FULL', { limit: this.pending.size, unit: 'calls' })
    request.id = id
    try {
      if (ordered) this.carriedOut.tell()
      if (this.state === 'open') this.sender.send(request, ordered)
    } catch (error) {
      if (this.isOpen) this.pending.take(id)
      throw error
    }
    return id
  }

  /** Sends a message that gets no answer. Throws a Refusal when it cannot cross; one that tells a refusal always can. */
  send(message: Message, ordered = false): void {
    if (ordered) this.carriedOut.tell()
    if (this.state !== 'open') return
    try {
      this.sender.send(message, ordered)
    } catch (error) {
      if (!('details' in message)) throw error
      this.sender.send({ ...message, details: inWords(message.details) }, ordered)
    }
  }

  /** Sends an invocation in a row. Throws a Refusal when its parameters cannot cross. */
  sendInvocation(id: number, reference: number, parameters: unknown[], live: boolean): void {
    this.carriedOut.tell()
    if (this.state !== 'open' || this.sender.sendAgain(id, reference, parameters, live)) return
    this.sender.send({ type: 'invoke', id, reference, parameters, live }, true)
  }

  /**
   * Nobody waits for this request any more, except this sink, to hear when the other side is done with it: at once if
   * it was answered before.
   */
  cancel(id: number, sink: RequestSink): void {
    if (this.pending.replace(id, sink)) this.send({ type: 'cancel', id })
    else queueMicrotask(() => sink.lost())
  }

  /** What comes by another way with the message that is told to the owner. */
  get moved(): readonly Moved[] {
    return this.receiver.moved
  }

  /** References of this side to objects and functions of the other one. */
  get referenceCount(): number {
    return this.borrowed.references
  }

  /** A reference is not needed any more. */
  giveBack(reference: Reference): void {
    reference.released = true
    this.borrowed.giveBack(reference.number, reference)
  }

  /** What this side lent live under a number. */
  lentThing(number: number): unknown {
    return this.live.lentThing(number)
  }

  /** Sends at once what waits for the end of the tick. */
  flush(): void {
    this.sender.flush()
  }

  /** Messages that wait for the end of the tick. */
  get unflushed(): number {
    return this.sender.batched
  }

  batch(bytes: Buffer, start: number, end: number): void {
    this.heard++
    this.receiver.batch(bytes, start, end)
  }

  parcel(parts: readonly Buffer[]): void {
    this.heard++
    this.receiver.parcel(parts)
  }

  get overdue(): boolean {
    const { maxUnsent } = this.limits
    return maxUnsent !== undefined && (this.sender.stuckBytes > maxUnsent || this.live.isOverloaded)
  }

  drained(): void {
    this.sender.drained()
    this.invocations.congested = false
    this.relieved()
    this.owner.relieved()
  }

  /** Reads on, where that has waited. */
  relieved(): void {
    if (!this.overdue) this.reader.resume()
  }

  ended(error?: Error): void {
    this.end(error)
  }

  violated(violation: ProtocolViolation): void {
    this.end(violation)
  }

  /** Ends the connection and tells everything pending that it is lost. The owner's `connectionEnded` is not called. */
  close(): void {
    this.disconnect()
    this.state = 'closed'
    const loss = this.live.loss()
    this.lent.clear(loss)
    this.pending.loseAll()
    this.invocations.rows.loseAll()
    this.live.close(loss)
  }

  private end(cause: Error | undefined): void {
    if (this.state !== 'open') return
    this.disconnect()
    this.owner.connectionEnded(cause)
  }

  private disconnect(): void {
    if (this.state !== 'open') return
    this.state = 'ended'
    this.reader.stop()
    this.sender.stop()
    this.channel.close()
    this.parcels.clear()
  }
}
