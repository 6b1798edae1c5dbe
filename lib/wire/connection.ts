import type { Channel } from './channel.js'
import { ProtocolViolation } from './byte-reader.js'
import { Decoder } from './decoder.js'
import { FrameReader, type FrameHandler } from './frame-reader.js'
import { IncomingParcels } from './incoming-parcels.js'
import { readMessage } from './message-reader.js'
import { PARCEL, type Message, type Request, type Result, type Target } from './messages.js'
import { MessageSender } from './message-sender.js'
import { Pending, type RequestSink } from './pending.js'
import { BorrowedFunctions, LentFunctions } from './references.js'
import { Refusal, type RefusalCode } from './refusal.js'
import { MESSAGE_SLACK, weightLimit } from './tags.js'
import { isThenable, settled } from './thenable.js'

/** Messages that are not the connection's own business. */
export type OwnerMessage = Exclude<Message, { type: 'result' | 'failure' | 'refused' | 'invoke' | 'release' }>

export interface ConnectionOwner {
  /** `functions`: how many functions the message holds. A ProtocolViolation thrown here ends the connection. */
  message(message: OwnerMessage, functions: number): void
  /** A function that this side lent is called: the other side is active. */
  invoked(): void
  /** A function that this side lent threw, or its result cannot cross: its caller is told, and so is this side. */
  callbackFailed(error: unknown): void
  /** The error for this side's caller of a function of the other side, when that was refused. Default: the refusal. */
  refusalOfInvocation?(refusal: Refusal): Error
  /** Something could not be told to a function of the other side; its caller knows, and nobody else. */
  trouble(refusal: Refusal): void
  /** Half of the functions that may be lent are: the other side should forget those it does not hold. */
  crowded(): void
  /** What had gathered while the other side took nothing is on its way. */
  relieved(): void
  /** A function that this side lent is not held by the other one any more. */
  released(): void
  /** The other side is gone, or broke the protocol. What is pending waits for `close`. Called once. */
  connectionEnded(cause: Error | undefined): void
}

export interface ConnectionLimits {
  /** One value, in bytes. */
  maxBytes: number
  /** Functions lent at the same time. */
  maxCallbacks: number
  /**
   * When so many bytes wait for the other side, which takes none, nothing more is read from it until it does: answers
   * to what it asks for must not fill the memory of this one. For one side only, or both might wait for each other.
   * Default none.
   */
  maxUnsent?: number
}

/**
 * Beyond this many bytes that the other side does not take, invocations are refused: a synchronous loop of callbacks
 * cannot be made to wait.
 */
export const UNSENT_LIMIT = 64 * 1024 * 1024

/** Waits for the answer to an invocation. Its promise may be ignored, as functions are often called for effect. */
class InvocationSink implements RequestSink {
  readonly promise: Promise<unknown>
  answered!: (value: unknown) => void
  private reject!: (error: unknown) => void

  constructor(private readonly owner: ConnectionOwner) {
    this.promise = new Promise((resolve, reject) => {
      this.answered = resolve
      this.reject = reject
    })
  }

  failed(error: unknown): void {
    this.promise.catch(ignore)
    this.reject(error)
  }

  refused(code: RefusalCode, details: Record<string, unknown>): void {
    const refusal = new Refusal(code, details)
    this.failed(this.owner.refusalOfInvocation?.(refusal) ?? refusal)
  }

  lost(): void {
    this.refused('REFERENCE_RELEASED', {})
  }
}

/**
 * One end of the conversation between two processes, the same class on both ends. It gives each request an id, finds
 * the one who waits for an answer, carries functions by reference, and ends at the first byte that breaks the
 * protocol. What requests mean is its owner's business.
 */
export class Connection implements FrameHandler {
  readonly limits: ConnectionLimits
  /** Functions of this side that the other side may call. */
  readonly lent = new LentFunctions(
    () => this.limits.maxCallbacks,
    () => queueMicrotask(() => this.crowded())
  )
  private readonly pending = new Pending()
  private readonly borrowed = new BorrowedFunctions(
    (reference, parameters) => this.invoke(reference, parameters),
    // Ordered, because it must not overtake an invocation.
    (reference, count) => this.send({ type: 'release', reference, count }, true),
    () => this.limits.maxCallbacks
  )
  private readonly sender: MessageSender
  private readonly reader: FrameReader
  private readonly parcels: IncomingParcels
  private readonly decoder = new Decoder()
  private readonly targets: Target[] = []
  /** Batches and parcels that have come: a sign of life. */
  heard = 0
  private state: 'open' | 'ended' | 'closed' = 'open'
  /** Invocations are refused, and it was said so, until the other side takes what waits. */
  private congested = false

  constructor(
    private readonly channel: Channel,
    private readonly owner: ConnectionOwner,
    limits: ConnectionLimits
  ) {
    this.limits = { ...limits }
    this.parcels = new IncomingParcels(() => this.limits.maxBytes + MESSAGE_SLACK)
    this.sender = new MessageSender(channel, this.lent, () => this.limits.maxBytes)
    this.reader = new FrameReader(channel, this, this.parcels)
    this.decoder.borrow = (reference, length, name) => this.borrowed.borrow(reference, length, name)
    channel.read(this.reader)
  }

  /** False once either side has ended it. */
  get isOpen(): boolean {
    return this.state === 'open'
  }

  /** Requests that wait for an answer. */
  get inFlight(): number {
    return this.pending.size
  }

  /** Bytes of small messages that the channel has not taken. */
  get unsentBytes(): number {
    return this.sender.unsentBytes
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
      if (this.state === 'open') this.sender.send(request, ordered)
    } catch (error) {
      if (this.isOpen) this.pending.take(id)
      throw error
    }
    return id
  }

  /** Sends a message that gets no answer. Throws a Refusal when it cannot cross; one that tells a refusal always can. */
  send(message: Message, ordered = false): void {
    if (this.state !== 'open') return
    try {
      this.sender.send(message, ordered)
    } catch (error) {
      if (!('details' in message)) throw error
      this.sender.send({ ...message, details: inWords(message.details) }, ordered)
    }
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
    this.lent.clear()
    this.pending.loseAll()
  }

  batch(bytes: Buffer, start: number, end: number): void {
    this.heard++
    const decoder = this.decoder
    decoder.begin(bytes, start, end)
    decoder.mostWeight = weightLimit(this.limits.maxBytes)
    while (decoder.position < end) {
      const type = decoder.byte()
      if (type === PARCEL) this.announce()
      else this.receive(this.read(type), decoder.functions)
      if (this.state !== 'open') return
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
    this.congested = false
    if (!this.overdue) this.reader.resume()
    this.owner.relieved()
  }

  ended(error?: Error): void {
    this.end(error)
  }

  violated(violation: ProtocolViolation): void {
    this.end(violation)
  }

  private announce(): void {
    const number = this.decoder.count()
    const sizes: number[] = []
    for (let left = this.decoder.length(); left > 0; left--) sizes.push(this.decoder.count())
    this.parcels.announce(number, sizes)
  }

  private receive(message: Message, functions: number): void {
    switch (message.type) {
      case 'result':
        // A promise resolved with it would ask it, and might wait for ever. An honest side has waited itself.
        if (functions > 0 && isThenable(message.value)) {
          throw new ProtocolViolation('a result to be waited for')
        }
        return this.pending.take(message.id).answered(message.value)
      case 'failure':
        return this.pending.take(message.id).failed(message.error)
      case 'refused':
        return this.pending.take(message.id).refused(message.code, message.details)
      case 'invoke':
        return this.carryOut(message.id, this.lent.get(message.reference), message.parameters)
      case 'release':
        this.lent.release(message.reference, message.count)
        return this.owner.released()
      default:
        return this.owner.message(message, functions)
    }
  }

  /** The other side calls a function of this one. */
  private carryOut(id: number, lent: Function, parameters: unknown[]): void {
    this.owner.invoked()
    let result: unknown
    let isLater: boolean
    try {
      result = Reflect.apply(lent, undefined, parameters)
      isLater = isThenable(result)
    } catch (error) {
      return this.invocationFailed(id, error)
    }
    if (!isLater) return this.invocationReturned(id, result)
    void settled(result).then(
      (value) => this.invocationReturned(id, value),
      (error: unknown) => this.invocationFailed(id, error)
    )
  }

  private invocationReturned(id: number, value: unknown): void {
    const refusal = this.reply({ type: 'result', id, value }, true)
    if (refusal !== undefined) this.owner.callbackFailed(refusal)
  }

  private invocationFailed(id: number, error: unknown): void {
    this.fail(id, error, true)
    if (this.state === 'open') this.owner.callbackFailed(error)
  }

  private reply(result: Result, ordered: boolean): Refusal | undefined {
    try {
      this.send(result, ordered)
      return undefined
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      this.refuse(result.id, error, ordered)
      return error
    }
  }

  /** A stand-in is called: ask the other side to call what it stands for. A rejection counts as handled. */
  private invoke(reference: number, parameters: unknown[]): Promise<unknown> {
    const sink = new InvocationSink(this.owner)
    try {
      if (this.state !== 'open') throw new Refusal('REFERENCE_RELEASED', {})
      this.checkCongestion()
      this.request({ type: 'invoke', id: 0, reference, parameters }, sink, true)
    } catch (error) {
      if (!(error instanceof Refusal)) sink.failed(error)
      else sink.refused(error.code, error.details)
      if (error instanceof Refusal && this.state === 'open') this.tellTrouble(error)
    }
    return sink.promise
  }

  /** One value of any allowed size, and what is small, may wait. */
  private checkCongestion(): void {
    const limit = UNSENT_LIMIT + this.limits.maxBytes
    if (this.sender.unsentOrderedBytes > limit) throw new Refusal('QUEUE_FULL', { limit, unit: 'bytes' })
  }

  /** A loop of callbacks that the other side does not take is told once, not a million times. */
  private tellTrouble(refusal: Refusal): void {
    if (refusal.code !== 'QUEUE_FULL') return this.owner.trouble(refusal)
    if (this.congested) return
    this.congested = true
    this.owner.trouble(refusal)
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

/** Details that can always cross. */
function inWords(details: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(details).map(([key, value]) => [key, inWord(value)]))
}

function inWord(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 100).map(textOf)
  return typeof value === 'number' || value === undefined ? value : textOf(value)
}

function textOf(value: unknown): string {
  try {
    const text = value instanceof Error ? `${value.name}: ${value.message}` : String(value)
    return text.slice(0, LONGEST_TEXT)
  } catch {
    return 'a value without a text'
  }
}

const LONGEST_TEXT = 1000
const NOTHING = Buffer.alloc(0)
const ignore = (): void => undefined
