import { messageTypes, PARCEL } from '../../lib/wire/message-tags.js'
import { ByteWriter } from '../../lib/wire/byte-writer.js'
import * as tags from '../../lib/wire/tags.js'

/** Numbers that look random and are the same for the same seed. */
export class Dice {
  constructor(private state: number) {}

  /** From 0 up to, but not including, `limit`. */
  roll(limit: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit)
  }

  pick<T>(list: readonly T[]): T {
    return list[this.roll(list.length)] as T
  }

  bytes(length: number): Buffer {
    return Buffer.from(Uint8Array.from({ length }, () => this.roll(256)))
  }
}

/** A batch with these bytes in it, or whatever else the header says. */
export function frame(bytes: Uint8Array, kind = 0, length = bytes.length): Buffer {
  const header = Buffer.alloc(4)
  header.writeUInt32LE(((length & (2 ** 30 - 1)) | (kind << 30)) >>> 0)
  return Buffer.concat([header, bytes])
}

const valueTags = Object.entries(tags)
  .filter(
    ([name, tag]) => typeof tag === 'number' && tag >= 0x80 && tag <= tags.ITEMS && !name.endsWith('LIMIT')
  )
  .map(([, tag]) => tag as number)

/** Bytes that no honest process sends, or hardly: most get far before they are found out. */
export function hostileBytes(dice: Dice, traffic: readonly Buffer[]): Buffer {
  switch (dice.roll(10)) {
    case 0:
      return dice.bytes(1 + dice.roll(300))
    case 1:
      return frame(dice.bytes(1 + dice.roll(300)))
    case 2:
      return frame(dice.bytes(dice.roll(20)), dice.roll(4), dice.pick([0, 1, 2 ** 16, 2 ** 18, 2 ** 30 - 1]))
    case 3:
    case 4:
    case 5:
      return mutated(dice, dice.pick(traffic))
    case 6:
      return Buffer.concat([dice.pick(traffic), dice.pick(traffic), dice.pick(traffic)])
    default:
      return frame(invented(dice))
  }
}

function mutated(dice: Dice, valid: Buffer): Buffer {
  let bytes: Buffer = Buffer.from(valid)
  for (let left = 1 + dice.roll(4); left > 0; left--) {
    bytes = edited(dice, bytes)
    if (bytes.length === 0) return Buffer.from([0])
  }
  return dice.roll(2) === 0 || bytes.length < 5 ? bytes : frame(bytes.subarray(4))
}

/** With one place changed, where something may be left out or put in. */
function edited(dice: Dice, bytes: Buffer): Buffer {
  const place = dice.roll(bytes.length)
  const before = bytes.subarray(0, place)
  switch (dice.roll(6)) {
    case 0:
      bytes[place] = dice.roll(256)
      return bytes
    case 1:
      bytes[place] = (bytes[place] as number) ^ (1 << dice.roll(8))
      return bytes
    case 2:
      return Buffer.concat([before, bytes.subarray(place + dice.roll(9))])
    case 3:
      return Buffer.concat([before, dice.bytes(dice.roll(9)), bytes.subarray(place)])
    case 4:
      return Buffer.concat([before, Buffer.from([0xff, 0xff, 0xff, 0xff, 0x7f]), bytes.subarray(place)])
    default:
      bytes[place] = dice.pick(valueTags)
      return bytes
  }
}

/**
 * What comes in the place of the next message of a conversation: that one with something wrong in it, or another one at
 * the wrong time, or one of the other side.
 */
export function hostileMessage(dice: Dice, next: Buffer, other: Buffer, ofHost: Buffer): Buffer {
  switch (dice.roll(10)) {
    case 0:
      return other
    case 1:
      return ofHost
    case 2:
      return frame(Buffer.concat([next.subarray(4), other.subarray(4)]))
    case 3: {
      const [end, start] = [dice.roll(next.length - 4), dice.roll(other.length - 4)]
      return frame(Buffer.concat([next.subarray(4, 4 + end), other.subarray(4 + start)]))
    }
    case 4:
      return mutated(dice, next)
    case 5:
      return frame(edited(dice, edited(dice, Buffer.from(next.subarray(4)))))
    default:
      return frame(renumbered(dice, Buffer.from(next.subarray(4))))
  }
}

/** With another number, flag or kind somewhere: most of them are one byte and small, and many are still right. */
function renumbered(dice: Dice, bytes: Buffer): Buffer {
  const place = 1 + dice.roll(bytes.length - 1)
  const byte = bytes[place] as number
  bytes[place] = dice.pick([byte + 1, byte - 1, byte ^ 1, dice.roll(8), dice.roll(8), dice.pick(valueTags)])
  return bytes
}

/** A message that follows the grammar for a while. */
function invented(dice: Dice): Uint8Array {
  const writer = new ByteWriter(64)
  for (let left = 1 + dice.roll(3); left > 0; left--) {
    const type = dice.pick([...Object.values(messageTypes), PARCEL, messageTypes.result, messageTypes.invoke])
    writer.byte(type)
    if (type === PARCEL) inventParcel(dice, writer)
    else {
      writer.uint32(dice.pick([0, 1, 2, 3, 2 ** 20, 2 ** 32 - 1, dice.roll(2 ** 32)]))
      if (type === messageTypes.invoke) writer.count(dice.roll(4))
      writer.byte(dice.roll(20) === 0 ? 1 : 0)
      inventValue(dice, writer, 0)
    }
  }
  return writer.bytes.subarray(0, writer.position)
}

function inventParcel(dice: Dice, writer: ByteWriter): void {
  writer.count(dice.roll(5))
  const parts = dice.pick([0, 1, 2, 5000])
  writer.count(parts)
  for (let left = parts; left > 0; left--) writer.count(dice.pick([0, 1, 100, 65_536, 2 ** 28, 2 ** 40]))
  writer.raw(dice.bytes(dice.pick([0, 1, 100])))
}

function inventValue(dice: Dice, writer: ByteWriter, depth: number): void {
  const tag = depth > 6 ? dice.roll(128) : dice.roll(5) === 0 ? dice.roll(256) : dice.pick(valueTags)
  writer.byte(tag)
  if (tag < 0x80) return
  const texts = ['__proto__', 'constructor', 'length', 'a', '0', 'prototype', 'x'.repeat(40)]
  const content = dice.roll(4)
  writer.count(dice.pick([content, content, content, dice.roll(2 ** 16), 2 ** 32, 2 ** 52]))
  for (let left = content; left > 0; left--) {
    if (dice.roll(3) === 0) writer.string(dice.pick(texts))
    inventValue(dice, writer, depth + 1)
  }
}
