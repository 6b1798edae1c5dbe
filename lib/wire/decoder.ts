import { ByteReader, ProtocolViolation } from './byte-reader.js'
import { decodeBuiltin } from './decode-builtins.js'
import { believeElements, ELEMENTS_LIMIT, PROPERTIES_LIMIT } from './element-limits.js'
import { Iterated } from './iterated.js'
import type { ReferenceReader } from './live-reader.js'
import { Moved } from './moved.js'
import { UNASKED_LIMIT, UNASKED_WEIGHT } from './protocol-limits.js'
import { MOST_MADE, setProperty, ShapeReader } from './shape-reader.js'
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
  /** What reads references, where such may be, and those at the head of this message. */
  references: ReferenceReader | undefined
  things: readonly unknown[] = []
  /** The last value was a live one. */
  wasLive = false
  /** Sockets and servers may be named here. */
  takesMoved = false
  /** Those that this message names, and the numbers at its head. */
  moved: Moved[] = []
  listedMoved: readonly number[] = []
  /** How many functions, or other things that stay where they are, this message held. */
  functions = 0
  shapes: ShapeReader[] = []
  /** What the objects of a message may weigh. */
  mostWeight = tag.weightLimit(256 * 1024 * 1024)
  /** In memory that goes from message to message: most have few of them, and each list begins with room for 17. */
  private seen: (object | undefined)[] = []
  private seenCount = 0
  /** How many of the first attachments the value that is read has named. */
  private attachmentsNamed = 0
  private isLive = false
  private depth = 0
  private weight = 0
  private expressions = 0

  beginMessage(): void {
    this.depth = 0
    this.weight = 0
    this.expressions = 0
    this.functions = 0
    this.isLive = false
    if (this.moved.length > 0) this.moved = []
    this.forget()
  }

  /** Lets go of the objects of the message, when all of it was read. */
  forget(): void {
    const { seen, seenCount } = this
    this.seenCount = 0
    if (seenCount > MOST_KEPT) this.seen = []
    else for (let place = 0; place < seenCount; place++) seen[place] = undefined
  }

  /** A value in which things may stay where they are. */
  liveValue(): unknown {
    this.isLive = true
    const value = this.value()
    this.isLive = false
    return value
  }

  /** The elements of an array that is a message of its own. */
  list(live: boolean): unknown[] {
    this.isLive = live
    this.depth = 1
    this.weigh(tag.OBJECT_WEIGHT)
    const list = this.array()
    this.isLive = false
    return list
  }

  /** A value that was packed alone, so that it counts its shapes, objects and attachments from 0. */
  packedValue(live: boolean): unknown {
    const { shapes, seen, seenCount } = this
    this.shapes = []
    this.seen = []
    this.seenCount = 0
    this.attachmentsNamed = 0
    const value = live ? this.liveValue() : this.value()
    this.shapes = shapes
    this.seen = seen
    this.seenCount = seenCount
    if (this.attachmentsNamed > 0) this.attachments = this.attachments.slice(this.attachmentsNamed)
    return value
  }

  attachment(place: number): Uint8Array {
    const bytes = this.attachments[place]
    if (bytes === undefined) throw new ProtocolViolation('an attachment that did not come')
    this.attachmentsNamed = Math.max(this.attachmentsNamed, place + 1)
    return bytes
  }

  /** Reads what nobody has asked for, which may only be small, and without regular expressions, which are compiled. */
  unasked<T>(read: (decoder: this) => T): T {
    const { end, mostWeight } = this
    this.end = Math.min(end, this.position + UNASKED_LIMIT)
    this.mostWeight = UNASKED_WEIGHT
    this.expressions = tag.EXPRESSION_LIMIT
    const value = read(this)
    this.end = end
    this.mostWeight = mostWeight
    return value
  }

  /** One thing that stays where it is. */
  thing(): unknown {
    if (this.references === undefined) throw new ProtocolViolation('a reference where none may be')
    this.functions++
    this.weigh(tag.OBJECT_WEIGHT)
    return this.references.read(this)
  }

  /** From now on parameters may be operands, or not. */
  readsOperands(may: boolean): void {
    if (this.references === undefined) return
    if (may) this.references.operands = 0
    this.references.mayBeOperands = may
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
      case tag.REFERENCE:
      case tag.LISTED_REFERENCE:
        return this.reference(kind)
      case tag.MOVED:
      case tag.LISTED_MOVED:
        return this.movedThing(kind)
      default:
        return this.object(kind)
    }
  }

  /** Gives an object its number before what is inside it is read, as the encoder did. */
  see<T extends object>(object: T): T {
    this.seen[this.seenCount++] = object
    return object
  }

  reserve(): number {
    this.seen[this.seenCount] = undefined
    return this.seenCount++
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
        const shape = this.shapes[this.count()]
        if (shape === undefined) throw new ProtocolViolation('an unknown shape')
        return this.shaped(shape)
      }
      case tag.NEW_SHAPE:
        return this.shaped(this.newShape())
      case tag.ARRAY:
        return this.array()
      case tag.OBJECT:
        return this.plainObject()
      case tag.SPARSE_ARRAY:
        return this.sparseArray()
      case tag.ITEMS:
        return this.iterated()
      default:
        return decodeBuiltin(this, kind)
    }
  }

  private newShape(): ShapeReader {
    const length = this.length()
    if (length > SHAPE_KEY_LIMIT || this.shapes.length >= SHAPE_LIMIT) {
      throw new ProtocolViolation('too many shapes')
    }
    const keys: string[] = []
    while (keys.length < length) keys.push(this.string())
    if (textOf(keys) > SHAPE_TEXT_LIMIT) throw new ProtocolViolation('a shape is too large')
    const shape = new ShapeReader(keys, this.shapes.length < MOST_MADE)
    this.shapes.push(shape)
    return shape
  }

  private shaped(shape: ShapeReader): object {
    this.weight += shape.keys.length * tag.MEMBER_WEIGHT
    return shape.read(this)
  }

  private plainObject(): object {
    const object = this.see<Record<string, unknown>>({})
    const length = this.length()
    believeElements(length, PROPERTIES_LIMIT)
    this.weigh(length * tag.MEMBER_WEIGHT)
    for (let left = length; left > 0; left--) setProperty(object, this.string(), this.value())
    return object
  }

  private array(): unknown[] {
    const length = this.length()
    believeElements(length, ELEMENTS_LIMIT)
    this.weigh(length * tag.MEMBER_WEIGHT)
    const array = this.see(arrayFor(length))
    for (let place = 0; place < length; place++) array[place] = this.value()
    return array
  }

  /** Each item is a value of its own, which refers to nothing in those before it. */
  private iterated(): Iterated {
    if (!this.isLive || this.depth > 1) throw new ProtocolViolation('items where none may be')
    const done = this.byte() === 1
    const length = this.length()
    believeElements(length, ELEMENTS_LIMIT)
    this.weigh(length * tag.MEMBER_WEIGHT)
    const items = Array<unknown>(length)
    for (let place = 0; place < length; place++) {
      this.forget()
      items[place] = this.value()
    }
    return new Iterated(items, done)
  }

  private sparseArray(): unknown[] {
    const length = this.count()
    if (length > 2 ** 32 - 1) throw new ProtocolViolation('an array is too long')
    const entries = this.length()
    believeElements(entries, PROPERTIES_LIMIT)
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
    const place = this.count()
    const object = place < this.seenCount ? this.seen[place] : undefined
    if (object === undefined) throw new ProtocolViolation('a reference to an object that was not there')
    return object
  }

  private reference(kind: number): unknown {
    if (!this.isLive) throw new ProtocolViolation('a reference where none may be')
    if (kind === tag.REFERENCE) return this.thing()
    const place = this.count()
    if (place >= this.things.length) throw new ProtocolViolation('a reference that is not listed')
    return this.things[place]
  }

  private movedThing(kind: number): Moved {
    const place = this.count()
    const number = kind === tag.MOVED ? place : this.listedMoved[place]
    if (!this.takesMoved || number === undefined) throw new ProtocolViolation('a socket where none may be')
    const moved = this.see(new Moved(number))
    this.weigh(tag.OBJECT_WEIGHT)
    this.moved.push(moved)
    return moved
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

/** Places for objects seen that are kept for the next message. */
const MOST_KEPT = 16

/** Short ones in their length: one that grows takes memory for 17 with its first element. */
function arrayFor(length: number): unknown[] {
  switch (length) {
    case 1:
      return [undefined]
    case 2:
      return [undefined, undefined]
    case 3:
      return [undefined, undefined, undefined]
    case 4:
      return [undefined, undefined, undefined, undefined]
    default:
      return []
  }
}

/** An array of mostly holes must not take memory for them: one that was once longer than any V8 holds in full does not. */
function emptyArray(length: number, entries: number): unknown[] {
  const array: unknown[] = []
  if (length > 4 * entries + 16) array.length = 2 ** 32 - 1
  array.length = length
  return array
}
