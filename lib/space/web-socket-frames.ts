import { randomBytes } from 'node:crypto'

/** A frame as it came, and how many bytes it took. */
export interface Frame {
  readonly opcode: number
  readonly payload: Buffer
  readonly size: number
}

export const TEXT = 1

const FINAL = 0x80
const MASKED = 0x80
const SHORT = 126
const LONG = 127

/** A text as a client sends it: one frame, masked (RFC 6455, section 5). */
export function textFrame(text: string): Buffer {
  const payload = Buffer.from(text)
  const mask = randomBytes(4)
  payload.forEach((byte, place) => (payload[place] = byte ^ (mask[place & 3] as number)))
  return Buffer.concat([head(payload.length), mask, payload])
}

/**
 * The first frame of these bytes as a server sends it, or undefined while a part of it is missing. Throws for what
 * comes in several frames, is masked, uses an extension, or is longer than `longest` bytes.
 */
export function readFrame(bytes: Buffer, longest: number): Frame | undefined {
  if (bytes.length < 2) return undefined
  const first = bytes[0] as number
  const second = bytes[1] as number
  const opcode = first & 0x0f
  if (first !== (FINAL | opcode) || (second & MASKED) !== 0) throw new Error('a frame of an unknown kind')
  const start = second === LONG ? 10 : second === SHORT ? 4 : 2
  if (bytes.length < start) return undefined
  const length =
    second === LONG ? Number(bytes.readBigUInt64BE(2)) : second === SHORT ? bytes.readUInt16BE(2) : second
  if (length > longest) throw new Error(`a frame of ${length} bytes`)
  const size = start + length
  return bytes.length < size ? undefined : { opcode, payload: bytes.subarray(start, size), size }
}

function head(length: number): Buffer {
  const size = length < SHORT ? 2 : length < 65_536 ? 4 : 10
  const bytes = Buffer.alloc(size)
  bytes[0] = FINAL | TEXT
  bytes[1] = MASKED | (size === 2 ? length : size === 4 ? SHORT : LONG)
  if (size === 4) bytes.writeUInt16BE(length, 2)
  if (size === 10) bytes.writeBigUInt64BE(BigInt(length), 2)
  return bytes
}
