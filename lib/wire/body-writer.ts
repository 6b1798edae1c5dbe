import type { Encoder } from './encoder.js'
import { NotCloneable } from './not-cloneable.js'
import { LivePacked, Packed } from './packed.js'
import { Refusal } from './refusal.js'
import { ATTACHMENTS_LIMIT } from './tags.js'

/** What is written next is a value in place; `encoder.live` must be unset after it. */
export function beginBody(encoder: Encoder, live: boolean): void {
  encoder.byte(live ? 3 : 0)
  if (live) encoder.live = encoder.references
}

/** A value in one of the forms of a Body. Throws a Refusal, or a NotCloneable. */
export function writeBody(encoder: Encoder, value: unknown, live = false): void {
  if (value instanceof Packed && value.moving.length > 0) writeMoving(encoder, value)
  if (value instanceof LivePacked) return writeLive(encoder, value)
  if (!(value instanceof Packed)) {
    beginBody(encoder, live)
    encoder.value(value)
    encoder.live = undefined
    return
  }
  encoder.byte(1)
  encoder.count(value.functions.length)
  for (const lent of value.functions) encoder.count(encoder.lend?.(lent, value.scope) ?? 0)
  encoder.raw(value.bytes)
  adoptAll(encoder, value)
}

/** Each is looked at again: it may have been closed, or moved, since the value was packed. */
function writeMoving(encoder: Encoder, { moving }: Packed): void {
  encoder.byte(4)
  encoder.count(moving.length)
  for (const { thing, place } of moving) {
    try {
      if (encoder.moving?.moves(thing) !== true) throw new NotCloneable(ONLY_PARAMETERS, thing)
      encoder.count(encoder.moving.take(thing))
    } catch (error) {
      if (!(error instanceof NotCloneable)) throw error
      throw new Refusal('NOT_CLONEABLE', { place, reason: error.reason })
    }
  }
}

const ONLY_PARAMETERS = 'only calls and chains can take a socket or server along'

function writeLive(encoder: Encoder, value: LivePacked): void {
  encoder.byte(2)
  encoder.count(value.things.length)
  for (const thing of value.things) encoder.references?.describe(encoder, thing, value.scope)
  encoder.raw(value.bytes)
  adoptAll(encoder, value)
}

/** A value alone has no more of them than may be; the steps of one script together may. */
function adoptAll(encoder: Encoder, { attachments }: Packed): void {
  const size = encoder.attachments.length + attachments.length
  if (size > ATTACHMENTS_LIMIT) {
    const limit = ATTACHMENTS_LIMIT
    throw new Refusal('TOO_LARGE', { place: 'a chain', size, limit, unit: 'attachments' })
  }
  for (const attachment of attachments) encoder.adopt(attachment)
}
