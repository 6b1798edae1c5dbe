import { Encoder } from './encoder.js'
import { isError } from './is-error.js'
import type { Moves, Moving } from './moved.js'
import { NotCloneable, locate } from './not-cloneable.js'
import { placeOf } from './place-of.js'
import { Refusal } from './refusal.js'
import type { Scope } from './scope.js'
import { ShapeTable } from './shapes.js'
import { LISTED_REFERENCE } from './tags.js'
import type { LiveWriter } from './value-writer.js'

/**
 * A value encoded before it is known which connection will carry it, or to be carried more than once: with a table of
 * shapes of its own, functions by their place in a list, large binary values by reference.
 */
export class Packed {
  /** Where its functions and objects were given; undefined: where they are sent. */
  scope: Scope | undefined
  /** Sockets and servers that move with it, once, when it is sent. */
  moving: readonly Moving[] = NONE_MOVING

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
    const attachments = this.attachments.map((attachment) => Uint8Array.from(attachment))
    const own = new Packed(this.bytes, this.functions, attachments)
    own.scope = this.scope
    own.moving = this.moving
    return own
  }
}

const NONE_MOVING: readonly Moving[] = []

/** The same of a live value: references, and what crosses by reference, by their place in a list. */
export class LivePacked extends Packed {
  constructor(
    bytes: Uint8Array,
    readonly things: readonly object[],
    attachments: readonly Uint8Array[]
  ) {
    super(bytes, NO_FUNCTIONS, attachments)
  }

  override own(): LivePacked {
    return this
  }
}

const NO_FUNCTIONS: readonly Function[] = []

/** Encodes a live value as it is now, as `pack` does. */
export function packLive(value: unknown, name: string, limit: number, moves?: Moves): LivePacked {
  const things: object[] = []
  const live: LiveWriter = {
    write(encoder, thing) {
      encoder.byte(LISTED_REFERENCE)
      encoder.count(things.push(thing) - 1)
    }
  }
  return encodeAlone(
    { value, name, limit, moves },
    (encoder) => (encoder.live = live),
    (bytes, attachments) => new LivePacked(bytes, things, attachments)
  )
}

/**
 * Encodes a value as it is now; `name` is what errors call it. Without `moves` nothing moves with it. Throws a Refusal:
 * NOT_CLONEABLE or TOO_LARGE.
 */
export function pack(value: unknown, name: string, limit: number, moves?: Moves): Packed {
  const functions: Function[] = []
  const lend = (lent: Function): number => functions.push(lent) - 1
  return encodeAlone(
    { value, name, limit, moves },
    (encoder) => (encoder.lend = lend),
    (bytes, attachments) => new Packed(bytes, functions, attachments)
  )
}

interface Given {
  readonly value: unknown
  readonly name: string
  readonly limit: number
  readonly moves: Moves | undefined
}

function encodeAlone<T extends Packed>(
  { value, name, limit, moves }: Given,
  prepare: (encoder: Encoder) => void,
  make: (bytes: Uint8Array, attachments: readonly Uint8Array[]) => T
): T {
  const encoder = idle ?? new Encoder(INITIAL_SIZE)
  idle = undefined
  encoder.listing = true
  encoder.lend = undefined
  const moving: Moving[] = []
  const take = (thing: object): number => moving.push({ thing, place: placeOf(thing, value, name) }) - 1
  encoder.moving = moves === undefined ? undefined : { moves, take }
  encoder.limit = limit
  encoder.begin()
  prepare(encoder)
  try {
    encoder.value(value)
    encoder.checkSize()
    const packed = make(Buffer.from(encoder.bytes.subarray(0, encoder.position)), encoder.attachments)
    if (moving.length > 0) packed.moving = moving
    return packed
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
  const reason = isError(error) ? error.message : 'reading it throws'
  return new Refusal('NOT_CLONEABLE', { place: name, reason, cause: error })
}
