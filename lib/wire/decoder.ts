import { ProtocolViolation } from './byte-reader.js'
import { decodeBuiltin } from './decode-builtins.js'
import { believeElements, ELEMENTS_LIMIT, PROPERTIES_LIMIT } from './element-limits.js'
import { Iterated } from './iterated.js'
import { LentReader } from './lent-reader.js'
import { MOST_MADE, setProperty, ShapeReader } from './shape-reader.js'
import { SHAPE_KEY_LIMIT, SHAPE_LIMIT, SHAPE_TEXT_LIMIT, textOf } from './shapes.js'
import * as tag from './tags.js'

/**
 * Reads values that an Encoder of the other process wrote. The bytes are taken for hostile: everything is checked
 * against what is left of the message, and a ProtocolViolation ends the connection.
 */
export class Decoder extends LentReader {
  /** The last value was a live one. */
  wasLive = false
  shapes: ShapeReader[] = []

  beginMessage(): void {
    this.beginBounds()
    this.beginLent()
    this.forget()
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
    const { shapes } = this
    this.shapes = []
    const outer = this.setSeenAside()
    this.beginPacked()
    const value = live ? this.liveValue() : this.value()
    this.endPacked()
    this.takeSeenBack(outer)
    this.shapes = shapes
    return value
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
}

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
