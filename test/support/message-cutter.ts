import { Decoder } from '../../lib/wire/decoder.js'
import { ReferenceReader } from '../../lib/wire/live-reader.js'
import { readAgain, readMessage } from '../../lib/wire/message-reader.js'
import * as messageTags from '../../lib/wire/message-tags.js'
import { goesAhead } from '../../lib/wire/outgoing-parcels.js'
import type { Message, Target } from '../../lib/wire/messages.js'

/** One message, or one and those that only mean something behind it. */
export interface CutMessage {
  /** What it is made of: members of `messageKinds`. */
  readonly kinds: readonly string[]
  /** What the steps of a script do, or what has become of one. */
  readonly details: readonly string[]
  readonly bytes: Buffer
}

/** By their first byte: all types of messages, and what comes before or behind one. The others are no bytes of their own. */
const kinds = new Map<number, string>(
  [...Object.entries(messageTags.messageTypes), ...Object.entries(messageTags)].flatMap(([name, code]) =>
    typeof code === 'number' && code < messageTags.KNOWN ? [[code, name] as [number, string]] : []
  )
)

/** Everything that a frame may have in it. */
export const messageKinds: readonly string[] = [...kinds.values()]

/** Cuts the batches of one side of a conversation, in their order, into messages. */
export class MessageCutter {
  private readonly decoder = new Decoder()
  private readonly targets: Target[] = []

  constructor() {
    const thing = () => (): void => undefined
    this.decoder.borrow = thing
    const table = { borrowObject: thing, borrowFunction: thing, borrowStream: thing, lentThing: thing }
    this.decoder.references = new ReferenceReader(table)
  }

  cut(batch: Buffer): CutMessage[] {
    const { decoder } = this
    const messages: CutMessage[] = []
    decoder.begin(batch, 0, batch.length)
    while (decoder.position < batch.length) {
      const start = decoder.position
      const { kinds: found, details } = this.read()
      messages.push({ kinds: found, details, bytes: batch.subarray(start, decoder.position) })
    }
    return messages
  }

  private read(): Pick<CutMessage, 'kinds' | 'details'> {
    const { decoder, targets } = this
    const code = decoder.byte()
    const found = [kinds.get(code) as string]
    if (code === messageTags.PARCEL) {
      this.announcement()
      return { kinds: found, details: [] }
    }
    const message = readMessage(decoder, targets, code)
    if (code === messageTags.WITHIN) found.push(message.type)
    const live = decoder.wasLive
    for (; decoder.isNext(messageTags.AGAIN); readAgain(decoder, live)) found.push('AGAIN')
    decoder.forget()
    return { kinds: found, details: detailsOf(message) }
  }

  private announcement(): void {
    const { decoder } = this
    decoder.count()
    const sizes = Array.from({ length: decoder.length() }, () => decoder.count())
    if (goesAhead(sizes)) decoder.copy(sizes[0] as number)
  }
}

function detailsOf(message: Message): string[] {
  if (message.type === 'outcome') return [message.state]
  return message.type === 'script' ? message.steps.map(({ operation }) => operation) : []
}
