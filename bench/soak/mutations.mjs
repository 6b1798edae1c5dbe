import { announcement, chunk, frame, message, resultOf, tags } from '../faults/frames.mjs'

/** Frames that a space may send while these requests are in flight. */
export function honestFrames([first, second, third], chance) {
  const value = chance.oneOf(values)
  const large = message({ type: 'result', id: third, value: Buffer.alloc(2000, 7) })
  return [
    frame(message({ type: 'report', memory: chance.below(2 ** 30) })),
    frame(message({ type: 'result', id: first, value })),
    frame(message({ type: 'failure', id: second, error: Object.assign(new TypeError('thrown'), { value }) })),
    frame(message({ type: 'refused', id: second, code: 'FUNCTION_NOT_FOUND', details: { path: 'a.b' } })),
    frame(message({ type: 'trouble', code: 'TOO_LARGE', details: { place: 'result', size: 1, limit: 0 } })),
    frame(message({ type: 'invoke', id: chance.below(100), reference: 0, parameters: [value] })),
    frame(message({ type: 'release', reference: 0, count: chance.below(2) })),
    Buffer.concat([frame(announcement(1, [large.length])), chunk(1, large)]),
    frame(resultOf(third, (encoder) => encoder.value(value)))
  ]
}

/** Does one of the things to a frame that a broken or hostile writer might. */
export function mutate(bytes, others, chance) {
  return chance.oneOf(ways)(Buffer.from(bytes), others, chance)
}

const values = [
  undefined,
  -0,
  12.5,
  -5n,
  'text',
  'w\u4f60de',
  [1, [2, [3]]],
  { a: 1, b: { c: 'd' } },
  new Map([[1, new Set(['x'])]]),
  new Date(0),
  /a+/g,
  new Float64Array([1, 2]),
  Object(7),
  Object.assign([], { 3: 'sparse' }),
  new ArrayBuffer(8, { maxByteLength: 64 })
]

const kinds = Object.values(tags).filter((tag) => typeof tag === 'number' && tag < 256)
const extremes = [0, 1, 0x7f, 0x80, 0xff]

const ways = [
  (bytes) => bytes,
  (bytes, others, chance) => {
    for (let flips = 1 + chance.below(4); flips > 0; flips--) {
      bytes[chance.below(bytes.length)] ^= 1 << chance.below(8)
    }
    return bytes
  },
  (bytes, others, chance) => {
    bytes[chance.below(bytes.length)] = chance.oneOf(extremes)
    return bytes
  },
  (bytes, others, chance) => {
    bytes[Math.min(bytes.length - 1, 4 + chance.below(bytes.length))] = chance.oneOf(kinds)
    return bytes
  },
  (bytes, others, chance) => bytes.subarray(0, chance.below(bytes.length)),
  (bytes, others, chance) => Buffer.concat([bytes, Buffer.alloc(chance.below(64), chance.below(256))]),
  (bytes, others, chance) => {
    const other = chance.oneOf(others)
    return Buffer.concat([
      bytes.subarray(0, chance.below(bytes.length)),
      other.subarray(chance.below(other.length))
    ])
  },
  (bytes, others, chance) => {
    bytes.writeUInt32LE(chance.below(2 ** 32))
    return bytes
  },
  (bytes, others, chance) => {
    bytes.writeUInt32LE(chance.below(bytes.length * 2))
    return bytes
  },
  (bytes) => Buffer.concat([bytes, bytes]),
  (bytes, others, chance) => bytes.map(() => chance.below(256))
]
