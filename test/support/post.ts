import { Decoder } from '../../lib/wire/decoder.js'
import { Encoder } from '../../lib/wire/encoder.js'
import { readMessage } from '../../lib/wire/message-reader.js'
import { writeMessage } from '../../lib/wire/message-writer.js'
import type { Message, Target } from '../../lib/wire/messages.js'
import { TargetTable } from '../../lib/wire/target-table.js'

/** A writer of messages and the reader at the other end, with the tables that both keep. */
export class Post {
  readonly targets = new TargetTable()
  readonly known: Target[] = []
  private readonly encoder = new Encoder(64)
  private readonly decoder = new Decoder()
  private references = 0

  constructor() {
    this.encoder.lend = () => this.references++
    this.decoder.borrow = (reference) => () => reference
  }

  send(message: Message, whole = false): Message {
    const { encoder } = this
    encoder.position = 0
    encoder.begin()
    writeMessage(encoder, this.targets, message, whole)
    return this.read(Buffer.from(encoder.bytes.subarray(0, encoder.position)), encoder.attachments)
  }

  read(bytes: Buffer, attachments: readonly Uint8Array[] = []): Message {
    this.decoder.begin(bytes, 0, bytes.length)
    this.decoder.attachments = attachments
    const message = readMessage(this.decoder, this.known, this.decoder.byte())
    if (this.decoder.position !== bytes.length) throw new Error('the message was shorter than its bytes')
    return message
  }
}
