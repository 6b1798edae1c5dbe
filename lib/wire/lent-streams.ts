import type { Duplex } from 'node:stream'
import { NodeStreamEnd } from './node-stream-end.js'
import { StreamEnd } from './stream-end.js'
import { isPlainStream, isStream, isWebPair, streamKindOf } from './stream-kinds.js'
import { WebReadableEnd, WebWritableEnd } from './web-stream-end.js'

/** What is lent in the place of a TransformStream. */
export interface PairOfEnds {
  readonly readable: StreamEnd
  readonly writable: StreamEnd
}

/** One for each stream, so that the other side has one as well. */
const ends = new WeakMap<object, StreamEnd>()

/**
 * What crosses in the place of a stream; undefined when it is none. `plainOnly`: nor when its class is a package's own,
 * which has methods that would be lost.
 */
export function endOf(value: object, plainOnly: boolean): StreamEnd | PairOfEnds | undefined {
  if (value instanceof StreamEnd) return value
  if (isWebPair(value)) {
    return { readable: makeEnd(value.readable) as StreamEnd, writable: makeEnd(value.writable) as StreamEnd }
  }
  const isLeftOut = plainOnly && isStream(value) && !isPlainStream(value)
  return isLeftOut ? undefined : makeEnd(value)
}

/** The same of anything, whatever its class. Throws a TypeError when it is no stream. */
export function endOfAny(value: unknown): StreamEnd | PairOfEnds {
  const end = typeof value === 'object' && value !== null ? endOf(value, false) : undefined
  if (end === undefined) throw new TypeError('it is no stream')
  return end
}

/** What was lent, where this may be the end of it. */
export function streamAt(lent: unknown): unknown {
  return lent instanceof StreamEnd ? StreamEnd.streamOf(lent) : lent
}

function makeEnd(value: object): StreamEnd | undefined {
  const known = ends.get(value)
  if (known !== undefined) return known
  const kind = streamKindOf(value)
  if (kind === undefined) return undefined
  const end =
    kind.flavour === 'webReadable'
      ? new WebReadableEnd(value, kind)
      : kind.flavour === 'webWritable'
        ? new WebWritableEnd(value, kind)
        : new NodeStreamEnd(value as Duplex, kind)
  ends.set(value, end)
  return end
}
