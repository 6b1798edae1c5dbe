import { Encoder } from './encoder.js'
import { NotCloneable, locate } from './not-cloneable.js'
import { Refusal } from './refusal.js'
import { ShapeTable } from './shapes.js'

/**
 * A value encoded before it is known which connection will carry it, or to be carried more than once: with a table of
 * shapes of its own, functions by their place in a list, large binary values by reference.
 */
export class Packed {
  constructor(
    readonly bytes: Uint8Array,
    readonly functions: readonly Function[],
    readonly attachments: readonly Uint8Array[]
  ) {}

  /** What the value takes, attachments included. */
  get size(): number {
    return this.attachments.reduce((sum, attachment) => sum + attachment.length, this.bytes.length)
  }

  /** The same with its large binary values copied, for those who keep it. */
  own(): Packed {
    if (this.attachments.length === 0) return this
    return new Packed(
      this.bytes,
      this.functions,
      this.attachments.map((attachment) => Uint8Array.from(attachment))
    )
  }
}

/** Encodes a value as it is now; `name` is what errors call it. Throws a Refusal: NOT_CLONEABLE or TOO_LARGE. */
export function pack(value: unknown, name: string, limit: number): Packed {
  const functions: Function[] = []
  const encoder = idle ?? new Encoder(INITIAL_SIZE)
  idle = undefined
  encoder.listing = true
  encoder.lend = (lent) => functions.push(lent) - 1
  encoder.limit = limit
  encoder.begin()
  try {
    encoder.value(value)
    encoder.checkSize()
    return new Packed(
      Buffer.from(encoder.bytes.subarray(0, encoder.position)),
      functions,
      encoder.attachments
    )
  } catch (error) {
    throw asRefusal(error, value, name)
  } finally {
    if (encoder.bytes.length <= LARGEST_KEPT) idle = cleared(encoder)
  }
}

/** The encoder of the last value, for the next. A getter among the values may pack another: that one makes its own. */
let idle: Encoder | undefined
const INITIAL_SIZE = 4096
const LARGEST_KEPT = 1024 * 1024

function cleared(encoder: Encoder): Encoder {
  encoder.forget()
  encoder.position = 0
  if (encoder.shapes.shapes.length > 0) encoder.shapes = new ShapeTable()
  return encoder
}

/** What the encoder threw, as the refusal that names the place in `root`. */
export function asRefusal(error: unknown, root: unknown, name: string): Refusal {
  if (error instanceof NotCloneable) return locate(error, root, name)
  if (error instanceof Refusal && error.code === 'TOO_LARGE') {
    return new Refusal('TOO_LARGE', { place: name, ...error.details })
  }
  if (error instanceof Refusal) return error
  const reason = error instanceof Error ? error.message : 'reading it throws'
  return new Refusal('NOT_CLONEABLE', { place: name, reason, cause: error })
}
