import type { Channel } from './channel.js'
import { now } from './clock.js'
import { idAfter } from './answer-rows.js'
import { ProtocolViolation } from './byte-reader.js'
import { CarriedOut } from './carried-out.js'
import type { Reference } from './chain.js'
import type { ConnectionLimits, ConnectionOwner } from './connection-owner.js'
import { Decoder } from './decoder.js'
import { loseStandIn } from './far-stream.js'
import { FrameReader, type FrameHandler } from './frame-reader.js'
import { inWords, textOf } from './in-words.js'
import { IncomingParcels } from './incoming-parcels.js'
import { Invocations } from './invocations.js'
import { LiveEnd } from './live-end.js'
import { ReferenceReader } from './live-reader.js'
import { readAgain, readMessage } from './message-reader.js'
import {
  AGAIN,
  messageTypes,
  PARCEL,
  type Invoke,
  type Message,
  type Outcome,
  type Request,
  type Result,
  type Target
} from './messages.js'
import { MessageSender } from './message-sender.js'
import type { Moved } from './moved.js'
import { goesAhead } from './outgoing-parcels.js'
import { Pending, type RequestSink } from './pending.js'
import { BorrowedThings, LentThings } from './references.js'
import { Refusal } from './refusal.js'
import { MESSAGE_SLACK, weightLimit } from './tags.js'
import { isThenable } from './thenable.js'

/**
 * One end of the conversation between two processes, the same class on both ends. It gives each request an id, finds
 * the one who waits for an answer, carries functions by reference, and ends at the first byte that breaks the
 * protocol. What requests mean is its owner's business.
 */
export class Connection implements FrameHandler {
  readonly limits: ConnectionLimits
  /** Functions of this side that the other side may call. */
  readonly lent = new LentThings(
    () => this.limits.maxCallbacks,
    () => queueMicrotask(() => this.crowded()),
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
  private readonly sender: MessageSender
  private readonly reader: FrameReader
  private readonly parcels: IncomingParcels
  private readonly decoder = new Decoder()
  private readonly references: ReferenceReader
  private readonly targets: Target[] = []
  /** Batches and parcels that have come: a sign of life. */
  heard = 0
  private state: 'open' | 'ended' | 'closed' = 'open'

  constructor(
    private readonly channel: Channel,
    private readonly owner: ConnectionOwner,
    limits: ConnectionLimits
  ) {
    this.limits = { ...limits }
    this.invocations = new Invocations(this, owner)
    this.carriedOut = new CarriedOut(this, owner)
    this.live = new LiveEnd(this, owner, this.lent, this.borrowed, {
      request: (request, sink, ordered) => this.request(request, sink, ordered),
      asked: (change) => this.owner.streamAsked?.(change),
      errorOf: (refusal) => this.errorOf(refusal),
      loss: () => this.loss()
    })
    this.parcels = new IncomingParcels(() => this.limits.maxBytes + MESSAGE_SLACK)
    this.sender = new MessageSender(
      channel,
      this.lent,
      () => this.limits.maxBytes,
      ({ base }) => this.live.isThere(base),
      (stand) => this.borrowed.numberOf(stand),
      owner.mover
    )
    if (owner.functionsAreReferences === true) this.sender.sendAnyStream()
    this.reader = new FrameReader(channel, this, this.parcels)
    const { borrowed } = this
    this.decoder.borrow = (reference, length, name) => borrowed.borrowFunction(reference, length, name)
    this.decoder.takesMoved = owner.takesMoved === true
    this.decoder.references = this.references = new ReferenceReader(this.live)
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

  /** Answers a request with a value; one that cannot cross is refused. `ordered`: after the invocations before it. */
  answer(id: number, value: unknown, ordered = false): void {
    void this.reply({ type: 'result', id, value }, ordered)
  }

  /** Answers a request with what its function threw. */
  fail(id: number, error: unknown, ordered = false): void {
    if (error instanceof Refusal) return this.refuse(id, error, ordered)
    try {
      this.send({ type: 'failure', id, error }, ordered)
    } catch {
      // A thrown value that cannot cross is told by its text.
      this.send({ type: 'failure', id, error: new Error(textOf(error)) }, ordered)
    }
  }

  refuse(id: number, refusal: Refusal, ordered = false): void {
    this.send({ type: 'refused', id, code: refusal.code, details: refusal.details }, ordered)
  }

  /** Tells what became of a step of a script; what cannot cross is refused. */
  tell(outcome: Outcome, ordered: boolean): void {
    try {
      this.send(outcome, ordered)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      this.tell(insteadOf(outcome, error), ordered)
    }
  }

  /** What comes by another way with the message that is told to the owner. */
  get moved(): readonly Moved[] {
    return this.decoder.moved
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

  /** Ends the connection and tells everything pending that it is lost. The owner's `connectionEnded` is not called. */
  close(): void {
    this.disconnect()
    this.state = 'closed'
    const loss = this.loss()
    this.lent.clear(loss)
    this.pending.loseAll()
    this.invocations.rows.loseAll()
    for (const stand of this.borrowed.held()) {
      const { proxy } = stand as Partial<Reference>
      if (proxy !== undefined) void loss.then((reason) => loseStandIn(proxy, reason))
    }
  }

  batch(bytes: Buffer, start: number, end: number): void {
    this.heard++
    const decoder = this.decoder
    decoder.begin(bytes, start, end)
    decoder.mostWeight = weightLimit(this.limits.maxBytes)
    while (decoder.position < end) {
      const type = decoder.byte()
      if (type === PARCEL) this.announce()
      else if (type === messageTypes.invoke) this.receiveInvocations()
      else this.receive(this.read(type), decoder.functions)
      if (this.state !== 'open') return
    }
    this.carriedOut.batchOver()
  }

  /** An invocation, and those behind it of the same function, for which nothing but their parameters is read. */
  private receiveInvocations(): void {
    const { decoder } = this
    const first = this.read(messageTypes.invoke) as Invoke
    const live = decoder.wasLive
    const lent = this.lent.get(first.reference)
    this.carriedOut.carryOut(first.id, lent, first.parameters)
    for (let { id } = first; this.state === 'open' && decoder.isNext(AGAIN);) {
      if (id >= 0) throw new ProtocolViolation('an invocation again that is not in a row')
      id = idAfter(id, 1)
      this.carriedOut.carryOut(id, lent, readAgain(decoder, live))
    }
  }

  parcel(parts: readonly Buffer[]): void {
    this.heard++
    const decoder = this.decoder
    const message = parts[0] as Buffer
    decoder.begin(message, 0, message.length)
    decoder.mostWeight = weightLimit(this.limits.maxBytes)
    decoder.attachments = parts.slice(1)
    const received = this.read(decoder.byte())
    if (decoder.position !== decoder.end) throw new ProtocolViolation('a message longer than it is')
    decoder.attachments = []
    decoder.begin(NOTHING, 0, 0)
    this.receive(received, decoder.functions)
    this.carriedOut.batchOver()
  }

  /** Reads a message and keeps nothing of it, so that what it holds can be collected as soon as nobody else does. */
  private read(type: number): Message {
    const message = readMessage(this.decoder, this.targets, type)
    this.decoder.forget()
    return message
  }

  get overdue(): boolean {
    const { maxUnsent } = this.limits
    return maxUnsent !== undefined && this.sender.stuckBytes > maxUnsent
  }

  drained(): void {
    this.sender.drained()
    this.invocations.congested = false
    if (!this.overdue) this.reader.resume()
    this.owner.relieved()
  }

  ended(error?: Error): void {
    this.end(error)
  }

  violated(violation: ProtocolViolation): void {
    this.end(violation)
  }

  private errorOf(refusal: Refusal): Error {
    return this.owner.refusalOfInvocation?.(refusal) ?? refusal
  }

  private loss(): Promise<unknown> {
    return this.owner.loss?.() ?? Promise.resolve(this.errorOf(new Refusal('REFERENCE_RELEASED', {})))
  }

  private settle(outcome: Outcome, functions: number): void {
    // A promise that rejects with a thenable does not ask it.
    if (functions > 0 && outcome.state === 'value') this.checkSettled(outcome.value)
    const sink = outcome.last ? this.pending.take(outcome.id) : this.pending.get(outcome.id)
    if (sink.outcome === undefined) throw new ProtocolViolation('an outcome of what is no script')
    try {
      sink.outcome(outcome)
    } catch (error) {
      if (outcome.last && error instanceof ProtocolViolation) this.pending.restore(outcome.id, sink)
      throw error
    }
  }

  private announce(): void {
    const { decoder } = this
    const number = decoder.count()
    const sizes: number[] = []
    for (let left = decoder.length(); left > 0; left--) sizes.push(decoder.count())
    this.parcels.announce(number, sizes, goesAhead(sizes) ? decoder.copy(sizes[0] as number) : undefined)
  }

  private receive(message: Message, functions: number): void {
    switch (message.type) {
      case 'result':
        if (functions > 0) this.checkSettled(message.value)
        return this.sinkOf(message.id).answered(message.value)
      case 'failure':
        return this.sinkOf(message.id).failed(message.error)
      case 'refused':
        return this.sinkOf(message.id).refused(message.code, message.details)
      case 'begun':
        return this.invocations.rows.begun(message.id, message.count, message.areLater)
      case 'invoke':
        return this.carriedOut.carryOut(message.id, this.lent.get(message.reference), message.parameters)
      case 'script':
        return this.live.runScript(message, this.references.operands > 0, functions)
      case 'outcome':
        return this.settle(message, functions)
      case 'release':
        this.lent.release(message.reference, message.count)
        return this.owner.released()
      default:
        return this.owner.message(message, functions)
    }
  }

  /**
   * A promise resolved with a thenable would ask it, and might wait for ever. An honest side has waited itself; only what
   * is this side's own, and comes home, may be one.
   */
  private checkSettled(value: unknown): void {
    if (!this.lent.hasLive(value) && isThenable(value)) {
      throw new ProtocolViolation('a value to be waited for')
    }
  }

  private sinkOf(id: number): RequestSink {
    return id >= 0 ? this.pending.take(id) : this.invocations.rows.take(id)
  }

  /** Answers with a value; where that cannot cross, why. */
  reply(result: Result, ordered: boolean): Refusal | undefined {
    try {
      this.send(result, ordered)
      return undefined
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      this.refuse(result.id, error, ordered)
      return error
    }
  }

  private crowded(): void {
    if (this.state === 'open') this.owner.crowded()
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

/** What is told of an outcome that cannot cross. In the end, in words: those always can. */
function insteadOf({ value, ...outcome }: Outcome, refusal: Refusal): Outcome {
  switch (outcome.state) {
    case 'value':
      return {
        ...outcome,
        state: 'refused',
        value: { code: refusal.code, details: refusal.details },
        copied: true
      }
    case 'failed':
      return { ...outcome, value: new Error(textOf(value)) }
    case 'refused': {
      const { code, details } = value as Refusal
      return { ...outcome, value: { code, details: inWords(details) } }
    }
  }
}

const NOTHING = Buffer.alloc(0)
