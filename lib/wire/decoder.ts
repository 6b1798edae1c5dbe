import { ByteReader, ProtocolViolation } from './byte-reader.js'
import { decodeBuiltin } from './decode-builtins.js'
import { SHAPE_KEY_LIMIT, SHAPE_LIMIT, SHAPE_TEXT_LIMIT, textOf } from './shapes.js'
import * as tag from './tags.js'
import type { ValueReader } from './value-reader.js'

/** Makes the stand-in for a function of the other process. */
export type Borrow = (reference: number, length: number, name: string) => unknown

/**
 * Reads values that an Encoder of the other process wrote. The bytes are taken for hostile: everything is checked
 * against what is left of the message, and a ProtocolViolation ends the connection.
 */
export class Decoder extends ByteReader implements ValueReader {
  /** Large binary values that came with this message. */
  attachments: readonly Uint8Array[] = []
  borrow: Borrow | undefined
  /** The references at the head of this message, for functions that are listed. */
  listed: readonly number[] = []
  /** How many functions this message held. */
  functions = 0
  shapes: (readonly string[])[] = []
  /** What the objects of a message may weigh. */
  mostWeight = tag.weightLimit(256 * 1024 * 1024)
  private seen: (object | undefined)[] = []
  private depth = 0
  private weight = 0
  private expressions = 0

  beginMessage(): void {
    this.depth = 0
    this.weight = 0
    this.expressions = 0
    this.functions = 0
    this.forget()
  }

  /** Lets go of the objects of the message, when all of it was read. */
  forget(): void {
    if (this.seen.length > 0) this.seen = []
  }

  value(): unknown {
    const kind = this.byte()
    if (kind < tag.SHORT_STRING) return kind
    if (kind < tag.UNDEFINED) return this.stringOf(kind)
    switch (kind) {
      case tag.UNDEFINED:
        return undefined
      case tag.NULL:
        return null
      case tag.FALSE:
        return false
      case tag.TRUE:
        return true
      case tag.INT32:
        return this.int32()
      case tag.DOUBLE:
        return this.double()
      case tag.LATIN1:
      case tag.UTF16:
        return this.stringOf(kind)
      case tag.BIGINT:
        return this.bigint()
      case tag.SEEN:
        return this.seenObject()
      case tag.FUNCTION:
      case tag.LISTED_FUNCTION:
        return this.function(kind)
      default:
        return this.object(kind)
    }
  }

  /** Gives an object its number before what is inside it is read, as the encoder did. */
  see<T extends object>(object: T): T {
    this.seen.push(object)
    return object
  }

  reserve(): number {
    return this.seen.push(undefined) - 1
  }

  fill<T extends object>(place: number, object: T): T {
    this.seen[place] = object
    return object
  }

  /** Adds to what the objects of this message take in memory, before they take it. */
  weigh(weight: number): void {
    this.weight += weight
    if (this.weight > this.mostWeight) throw new ProtocolViolation('a value is too large')
  }

  /** Adds to the regular expressions of this message. */
  expression(length: number): void {
    this.expressions += length
    if (this.expressions > tag.EXPRESSION_LIMIT) {
      throw new ProtocolViolation('regular expressions are too long')
    }
  }

  private object(kind: number): unknown {
    if (++this.depth > tag.DEPTH_LIMIT) throw new ProtocolViolation('a value nests too deeply')
    this.weight += tag.OBJECT_WEIGHT
    if (this.weight > this.mostWeight) this.weigh(0)
    const object = this.container(kind)
    this.depth--
    return object
  }

  private container(kind: number): unknown {
    switch (kind) {
      case tag.SHAPED_OBJECT: {
        const keys = this.shapes[this.count()]
        if (keys === undefined) throw new ProtocolViolation('an unknown shape')
        return this.shaped(keys)
      }
      case tag.NEW_SHAPE:
        return this.shaped(this.newShape())
      case tag.ARRAY:
        return this.array()
      case tag.OBJECT:
        return this.plainObject()
      case tag.SPARSE_ARRAY:
        return this.sparseArray()
      default:
        return decodeBuiltin(this, kind)
    }
  }

  private newShape(): readonly string[] {
    const length = this.length()
    if (length > SHAPE_KEY_LIMIT || this.shapes.length >= SHAPE_LIMIT) {
      throw new ProtocolViolation('too many shapes')
    }
    const keys: string[] = []
    while (keys.length < length) keys.push(this.string())
    if (textOf(keys) > SHAPE_TEXT_LIMIT) throw new ProtocolViolation('a shape is too large')
    this.shapes.push(keys)
    return keys
  }

  private shaped(keys: readonly string[]): object {
    const object: Record<string, unknown> = {}
    this.weight += keys.length * tag.MEMBER_WEIGHT
    this.seen.push(object)
    for (let place = 0; place < keys.length; place++) setProperty(object, keys[place] as string, this.value())
    return object
  }

  private plainObject(): object {
    const object = this.see<Record<string, unknown>>({})
    const length = this.length()
    this.weigh(length * tag.MEMBER_WEIGHT)
    for (let left = length; left > 0; left--) setProperty(object, this.string(), this.value())
    return object
  }

  private array(): unknown[] {
    const length = this.length()
    this.weigh(length * tag.MEMBER_WEIGHT)
    const array = this.see<unknown[]>([])
    for (let place = 0; place < length; place++) array.push(this.value())
    return array
  }

  private sparseArray(): unknown[] {
    const length = this.count()
    if (length > 2 ** 32 - 1) throw new ProtocolViolation('an array is too long')
    const entries = this.length()
    this.weigh(entries * tag.ENTRY_WEIGHT)
    const array = this.see(emptyArray(length, entries))
    for (let left = entries; left > 0; left--) {
      const key = this.string()
      if (key === 'length') throw new ProtocolViolation('an array has its length twice')
      setProperty(array, key, this.value())
    }
    return array
  }

  private bigint(): bigint {
    const digits = this.string()
    if (!/^-?[0-9a-f]+$/.test(digits)) throw new ProtocolViolation('no digits of a bigint')
    return digits[0] === '-' ? -BigInt(`0x${digits.slice(1)}`) : BigInt(`0x${digits}`)
  }

  private seenObject(): object {
    const object = this.seen[this.count()]
    if (object === undefined) throw new ProtocolViolation('a reference to an object that was not there')
    return object
  }

  private function(kind: number): unknown {
    const place = this.count()
    const reference = kind === tag.FUNCTION ? place : this.listed[place]
    const length = this.count()
    const name = this.string()
    if (this.borrow === undefined || reference === undefined) {
      throw new ProtocolViolation('a function where none may be')
    }
    if (length > tag.FUNCTION_LENGTH_LIMIT || name.length > tag.FUNCTION_NAME_LIMIT) {
      throw new ProtocolViolation('a function with too long a name')
    }
    this.functions++
    return this.borrow(reference, length, name)
  }
}

/** An array of mostly holes must not take memory for them: one that was once longer than any V8 holds in full does not. */
function emptyArray(length: number, entries: number): unknown[] {
  const array: unknown[] = []
  if (length > 4 * entries + 16) array.length = 2 ** 32 - 1
  array.length = length
  return array
}

/** `__proto__` as a key must become a property of its own, not the prototype. */
export function setProperty(object: object, key: string, value: unknown): void {
  if (key !== '__proto__') (object as Record<string, unknown>)[key] = value
  else Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true })
}
