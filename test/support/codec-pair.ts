import { Decoder } from '../../lib/wire/decoder.js'
import { Encoder } from '../../lib/wire/encoder.js'

/** An encoder and the decoder of the other process, with one message after the other between them. */
export class CodecPair {
  readonly encoder = new Encoder(64)
  readonly decoder = new Decoder()

  /** What arrives when this value is sent. What the encoder refuses is thrown, and taken back as a sender does. */
  cross(value: unknown): unknown {
    return this.read(this.write(value), [...this.encoder.attachments])
  }

  /** The same for a list of parameters. */
  crossParameters(list: readonly unknown[]): unknown {
    const bytes = this.write(list, () => this.encoder.parameters(list))
    return this.read(bytes, [...this.encoder.attachments])
  }

  write(value: unknown, write = () => this.encoder.value(value)): Buffer {
    const { encoder } = this
    encoder.begin()
    const mark = encoder.mark()
    try {
      write()
    } catch (error) {
      encoder.rewind(mark)
      throw error
    }
    const bytes = Buffer.from(encoder.bytes.subarray(mark.position, encoder.position))
    encoder.position = mark.position
    return bytes
  }

  /** Reads a value that must take all of the bytes. */
  read(bytes: Buffer, attachments: readonly Uint8Array[] = []): unknown {
    const { decoder } = this
    decoder.begin(bytes, 0, bytes.length)
    decoder.beginMessage()
    decoder.attachments = attachments.map((attachment) => {
      const memory = Buffer.allocUnsafeSlow(attachment.length)
      memory.set(attachment)
      return memory
    })
    const value = decoder.value()
    if (decoder.position !== decoder.end) throw new Error('the value was shorter than its message')
    return value
  }
}
