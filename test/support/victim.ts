import { setImmediate as turn } from 'node:timers/promises'
import { MESSAGE_LIMIT } from '../../lib/wire/protocol-limits.js'
import { INLINE_LIMIT } from '../../lib/wire/tags.js'
import { ProtocolViolation } from '../../lib/wire/byte-reader.js'
import { Side, type Sink } from './conversation.js'
import { HandFedChannel } from './hand-fed-channel.js'

export const MAX_BYTES = 4 * 1024 * 1024

/** A host with requests under way and functions lent, whose space is the test. */
export class Victim {
  readonly channel = new HandFedChannel()
  readonly side = new Side(this.channel, { maxBytes: MAX_BYTES, maxCallbacks: 100 })
  readonly sinks: Sink[] = []

  constructor() {
    const { sinks, side } = this
    for (let place = 0; place < 3; place++) sinks.push(side.request([place, (value: unknown) => value]))
    side.connection.flush()
  }

  /** What it took for a violation; undefined when the bytes did no harm. */
  get violation(): ProtocolViolation | undefined {
    return violationOf(this.side, this.channel)
  }

  /** Everything asked for was answered once at most, and is now lost or was answered. */
  end(): void {
    this.side.connection.close()
    if (this.sinks.some((sink) => sink.outcomes.length !== 1)) throw new Error('not answered once')
  }
}

/** Why this side has ended the conversation, if it has. Throws when it was for anything but a violation. */
export function violationOf({ endings }: Side, { closed }: HandFedChannel): ProtocolViolation | undefined {
  const [cause, ...more] = endings
  if (cause === undefined) return undefined
  if (!(cause instanceof ProtocolViolation) || more.length > 0 || !closed) throw cause
  // The reason is then the stack of that, or the first line of it.
  if (/^\w*Error\b|\n\s+at /.test(cause.reason)) throw new Error('not a violation but a fault', { cause })
  return cause
}

/** What an honest space sends, frame by frame. */
export async function honestTraffic(): Promise<Buffer[]> {
  const channel = new HandFedChannel()
  const space = new Side(channel, { maxBytes: MAX_BYTES, maxCallbacks: 100 })
  const values: unknown[] = [
    [1, 2, { a: 'text', b: [null, undefined, true] }],
    { a: 1, b: 2, __proto__: null, date: new Date(0), map: new Map([[{}, new Set([1n])]]) },
    [/x+/g, new Error('e', { cause: new TypeError('t') }), new Uint8Array(20), Buffer.from('b'), Object(5)],
    Object.assign([1, undefined, 3], { extra: 'x'.repeat(100) }),
    Buffer.alloc(INLINE_LIMIT + 1),
    'x'.repeat(MESSAGE_LIMIT),
    JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}}'),
    [new AbortController().signal, AbortSignal.abort(1), () => {}, new ArrayBuffer(5, { maxByteLength: 10 })]
  ]
  for (const [place, value] of values.entries()) {
    space.connection.answer(place % 3, value, place % 2 === 0)
    await turn()
  }
  space.connection.fail(1, new RangeError('failed'))
  await turn()
  space.connection.send({ type: 'invoke', id: 0, reference: 1, parameters: [{ a: [() => {}] }] })
  await turn()
  space.connection.send({ type: 'release', reference: 1, count: 1 })
  space.connection.send({ type: 'refused', id: 2, code: 'TOO_LARGE', details: { limit: 1 } })
  await turn()
  const traffic = Buffer.concat(channel.written)
  space.connection.close()
  const frames = [traffic]
  for (let start = 0; start < traffic.length;) {
    const header = traffic.readUInt32LE(start)
    const end = start + (header & (2 ** 30 - 1)) + (header >>> 30 === 0 ? 4 : 8)
    frames.push(traffic.subarray(start, end))
    start = end
  }
  return frames
}
