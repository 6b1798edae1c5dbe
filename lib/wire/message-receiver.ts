import { idAfter } from './answer-rows.js'
import { ProtocolViolation } from './byte-reader.js'
import type { CarriedOut } from './carried-out.js'
import type { ConnectionOwner } from './connection-owner.js'
import type { Correlator } from './correlator.js'
import { Decoder } from './decoder.js'
import type { IncomingParcels } from './incoming-parcels.js'
import type { LiveEnd } from './live-end.js'
import { ReferenceReader, type ReferenceTable } from './live-reader.js'
import { readAgain, readMessage } from './message-reader.js'
import { AGAIN, messageTypes, PARCEL, WITHIN } from './message-tags.js'
import type { Invoke, Message, Target } from './messages.js'
import type { Moved } from './moved.js'
import { goesAhead } from './outgoing-parcels.js'
import { UNASKED_LIMIT } from './protocol-limits.js'
import type { BorrowedThings, LentThings } from './references.js'
import { WEIGHT_OF_A_BYTE, weightLimit } from './tags.js'

/** What it needs of a Connection. */
export interface ReceivingLine {
  readonly isOpen: boolean
  readonly limits: { readonly maxBytes: number }
}

/** What messages are for at this end of the connection. */
export interface ReceivingEnd {
  readonly parcels: Pick<IncomingParcels, 'announce'>
  readonly correlator: Pick<Correlator, 'result' | 'failure' | 'refused' | 'begun' | 'outcome'>
  readonly carriedOut: Pick<CarriedOut, 'carryOut' | 'batchOver'>
  readonly lent: Pick<LentThings, 'get' | 'release'>
  readonly borrowed: Pick<BorrowedThings, 'borrowFunction'>
  readonly live: ReferenceTable & Pick<LiveEnd, 'runScript'>
  /** Somebody here waits for the answer to this request. */
  isAwaited(id: number): boolean
}

/**
 * Receives what a MessageSender at the other end has sent: reads the messages in batches and parcels, in their order and
 * until the connection ends, and gives each to the part of the connection that it is for, or to its owner.
 */
export class MessageReceiver {
  private readonly decoder = new Decoder()
  private readonly references: ReferenceReader
  private readonly targets: Target[] = []
  /** What the message came as, in bytes. */
  private size = 0

  constructor(
    private readonly line: ReceivingLine,
    private readonly owner: Pick<ConnectionOwner, 'message' | 'released' | 'takesMoved' | 'takesNoCalls'>,
    private readonly end: ReceivingEnd
  ) {
    const { borrowed, live } = end
    this.decoder.borrow = (reference, length, name) => borrowed.borrowFunction(reference, length, name)
    this.decoder.takesMoved = owner.takesMoved === true
    this.decoder.references = this.references = new ReferenceReader(live)
  }

  /** What comes by another way with the message that the owner is given. */
  get moved(): readonly Moved[] {
    return this.decoder.moved
  }

  batch(bytes: Buffer, start: number, end: number): void {
    const { decoder, line } = this
    decoder.begin(bytes, start, end)
    decoder.mostWeight = weightLimit(line.limits.maxBytes)
    while (decoder.position < end) {
      const type = decoder.byte()
      if (type === PARCEL) this.announce()
      else if (type === messageTypes.invoke) this.receiveInvocations()
      else this.receive(this.read(type), decoder.functions)
      if (!line.isOpen) return
    }
    this.end.carriedOut.batchOver()
  }

  parcel(parts: readonly Buffer[]): void {
    const { decoder } = this
    const message = parts[0] as Buffer
    decoder.begin(message, 0, message.length)
    decoder.mostWeight = weightLimit(this.line.limits.maxBytes)
    decoder.attachments = parts.slice(1)
    const received = this.read(decoder.byte())
    if (decoder.position !== decoder.end) throw new ProtocolViolation('a message longer than it is')
    decoder.attachments = []
    decoder.begin(NOTHING, 0, 0)
    this.size = parts.reduce((sum, { length }) => sum + length, 0)
    this.receive(received, decoder.functions)
    this.end.carriedOut.batchOver()
  }

  private announce(): void {
    const { decoder } = this
    const number = decoder.count()
    const sizes: number[] = []
    for (let left = decoder.length(); left > 0; left--) sizes.push(decoder.count())
    this.end.parcels.announce(number, sizes, goesAhead(sizes) ? decoder.copy(sizes[0] as number) : undefined)
  }

  /** An invocation, and those behind it of the same function, for which nothing but their parameters is read. */
  private receiveInvocations(): void {
    const { decoder, line } = this
    const { carriedOut } = this.end
    const first = this.read(messageTypes.invoke) as Invoke
    const live = decoder.wasLive
    const lent = this.end.lent.get(first.reference)
    carriedOut.carryOut(first.id, lent, first.parameters)
    for (let { id } = first; line.isOpen && decoder.isNext(AGAIN);) {
      if (id >= 0) throw new ProtocolViolation('an invocation again that is not in a row')
      id = idAfter(id, 1)
      carriedOut.carryOut(id, lent, readAgain(decoder, live))
    }
  }

  private receive(message: Message, functions: number): void {
    switch (message.type) {
      case 'result':
        return this.end.correlator.result(message, functions)
      case 'failure':
        return this.end.correlator.failure(message)
      case 'refused':
        return this.end.correlator.refused(message)
      case 'begun':
        return this.end.correlator.begun(message)
      case 'invoke':
        return this.end.carriedOut.carryOut(
          message.id,
          this.end.lent.get(message.reference),
          message.parameters
        )
      case 'script':
        return this.end.live.runScript(message, this.references.operands > 0, functions, this.taken)
      case 'outcome':
        return this.end.correlator.outcome(message, functions)
      case 'release':
        this.end.lent.release(message.reference, message.count)
        return this.owner.released()
      default:
        return this.owner.message(message, functions)
    }
  }

  /** Reads a message and keeps nothing of it, so that what it holds can be collected as soon as nobody else does. */
  private read(type: number): Message {
    const { decoder } = this
    if (decoder.end - decoder.position > UNASKED_LIMIT) this.checkAsked(type)
    const begin = decoder.position
    const message = readMessage(decoder, this.targets, type)
    this.size = decoder.position - begin
    decoder.forget()
    return message
  }

  /** What the message takes, in bytes: more than it came as where its objects take more in memory than a value may. */
  private get taken(): number {
    return Math.max(this.size, this.decoder.weight / WEIGHT_OF_A_BYTE)
  }

  /** To read something large takes long, so it is looked first whether anybody waits for it. */
  private checkAsked(type: number): void {
    const { decoder, end } = this
    const { position } = decoder
    if (isAnswer(type)) {
      if (!end.isAwaited(decoder.int32())) {
        throw new ProtocolViolation('a large answer that nobody waits for')
      }
    } else if (type === messageTypes.invoke) {
      decoder.int32()
      // Throws where nothing was lent.
      end.lent.get(decoder.count())
    } else if (isCall(type) && this.owner.takesNoCalls === true) {
      throw new ProtocolViolation('a request that nobody takes')
    }
    decoder.position = position
  }
}

function isAnswer(type: number): boolean {
  const { result, failure, refused, outcome } = messageTypes
  return type === result || type === failure || type === refused || type === outcome
}

function isCall(type: number): boolean {
  return type === messageTypes.call || type === messageTypes.add || type === WITHIN
}

const NOTHING = Buffer.alloc(0)
