import { types } from 'node:util'
import { BoundedWriter } from './bounded-writer.js'
import { isInstance } from './crosses-by-reference.js'
import { encodeBuiltin } from './encode-builtins.js'
import {
  encodeArray,
  encodeElements,
  encodeKeys,
  encodeShape,
  encodeValues,
  property
} from './encode-objects.js'
import { checkElements, ELEMENTS_LIMIT } from './element-limits.js'
import { placeOfProxy } from './handles.js'
import { Iterated } from './iterated.js'
import type { ReferenceWriter } from './live-writer.js'
import { NO_REFERENCE, NotCloneable, reasonAgainst } from './not-cloneable.js'
import { SeenObjects } from './seen-objects.js'
import { ShapeTable } from './shapes.js'
import * as tag from './tags.js'
import type { LiveWriter, Lend, Mark, MovingWriter, ValueWriter } from './value-writer.js'

/**
 * Writes values with the meaning of `structuredClone` (design: functions cross by reference, large binary values
 * beside the codec). One message after the other goes into the same memory; the table of shapes outlives them.
 *
 * A value that cannot cross throws NotCloneable half way: the caller takes back what was written (`mark`, `rewind`).
 */
export class Encoder extends BoundedWriter implements ValueWriter {
  /** How functions cross; without it they cannot. */
  lend: Lend | undefined
  /** What writes references into live values, where such may be. */
  references: ReferenceWriter | undefined
  /** Set for a live value: what is no plain data crosses by reference, functions included. */
  live: LiveWriter | undefined
  /** How sockets and servers move; without it they cannot. */
  moving: MovingWriter | undefined
  /** True while the functions of this message are listed at its head instead of named in place. */
  listing = false
  shapes = new ShapeTable()
  private readonly seen = new SeenObjects()
  private depth = 0

  /** Begins a message: nothing seen, nothing attached. */
  begin(): void {
    this.beginBounds()
    this.depth = 0
    this.live = undefined
    this.shapes.begin()
    this.forget()
  }

  /** Lets go of the values of the message, when it was written and nobody needs its attachments any more. */
  forget(): void {
    this.dropAttachments()
    this.seen.clear()
  }

  /** Where the message stands, so that what is written from here on can be taken back. */
  mark(): Mark {
    return {
      position: this.position,
      shapes: this.shapes.shapes.length,
      seen: this.seen.count,
      attachments: this.attachments.length,
      depth: this.depth
    }
  }

  /** Takes back what was written since the mark. The functions lent since then are the caller's to take back. */
  rewind(mark: Mark): void {
    this.position = mark.position
    this.shapes.truncate(mark.shapes)
    this.depth = mark.depth
    this.detach(mark.attachments)
    this.seen.truncate(mark.seen)
  }

  value(value: unknown): void {
    switch (typeof value) {
      case 'string':
        return this.string(value)
      case 'number':
        return this.number(value)
      case 'object':
        return value === null ? this.byte(tag.NULL) : this.object(value)
      case 'undefined':
        return this.byte(tag.UNDEFINED)
      case 'boolean':
        return this.byte(value ? tag.TRUE : tag.FALSE)
      case 'bigint':
        this.byte(tag.BIGINT)
        return this.string(value.toString(16))
      case 'function':
        return this.live === undefined ? this.function(value) : this.live.write(this, value)
      default:
        throw new NotCloneable('a symbol cannot cross', value)
    }
  }

  /** Parameters: an array of which only the elements count. Most hold nothing that would have to be remembered. */
  parameters(list: readonly unknown[]): void {
    this.byte(tag.ARRAY)
    this.list(list)
  }

  /** The same without its tag. */
  list(list: readonly unknown[]): void {
    this.seen.beginList(list)
    this.depth = 1
    this.weight = tag.OBJECT_WEIGHT + list.length * tag.MEMBER_WEIGHT
    encodeElements(this, list, list.length)
    this.depth = 0
    this.checkSizes()
  }

  number(value: number): void {
    const integer = value | 0
    if (integer !== value || (value === 0 && 1 / value < 0)) {
      this.byte(tag.DOUBLE)
      return this.double(value)
    }
    if (integer >= 0 && integer < 0x80) return this.byte(integer)
    this.byte(tag.INT32)
    this.int32(integer)
  }

  /** Numbers an object so that it can be referred to; true when it was written before, and now its number was. */
  private isSeen(value: object): boolean {
    const number = this.seen.numberOf(value)
    if (number < 0) return false
    this.byte(tag.SEEN)
    this.count(number)
    return true
  }

  private object(value: object): void {
    // Asked first: a revoked proxy throws when it is asked whether it is an array.
    const isProxy = types.isProxy(value)
    if (this.live !== undefined && (isProxy || isInstance(value))) return this.instance(value, this.live)
    if (this.isSeen(value)) return
    if (++this.depth > tag.DEPTH_LIMIT) {
      throw new NotCloneable(`it nests deeper than ${tag.DEPTH_LIMIT} levels`, value)
    }
    if (!isProxy && Array.isArray(value)) encodeArray(this, value)
    else {
      const keys = this.announce(value, isProxy)
      if (keys !== undefined) encodeValues(this, value as Record<string, unknown>, keys)
    }
    this.depth--
    this.endObject()
  }

  /** Writes what is no array; of a plain object only the keys, which are answered: their values follow. */
  private announce(value: object, isProxy: boolean): readonly string[] | undefined {
    const prototype = prototypeOf(value)
    if (!isProxy && (prototype === Object.prototype || prototype === null) && isPlain(value, prototype)) {
      const guess = this.shapes.guess(value)
      if (guess !== undefined) return encodeShape(this, guess)
    } else {
      if (encodeBuiltin(this, value) || this.move(value)) return undefined
      const reason = reasonAgainst(value, prototype)
      if (reason !== undefined) throw new NotCloneable(reason, value)
    }
    return encodeKeys(this, value)
  }

  /** In a live value. */
  private instance(value: object, live: LiveWriter): void {
    // Asking a proxy for its class would run code of it.
    if (this.depth === 0 && !types.isProxy(value) && value instanceof Iterated) return this.iterated(value)
    if (this.moving?.moves(value) !== true) return live.write(this, value)
    if (!this.isSeen(value)) this.move(value)
  }

  /** Each item is a value of its own: what it shares with those before it is written again. */
  private iterated({ items, done }: Iterated): void {
    checkElements(items.length, ELEMENTS_LIMIT)
    this.depth++
    this.weigh(tag.OBJECT_WEIGHT + items.length * tag.MEMBER_WEIGHT)
    this.byte(tag.ITEMS)
    this.byte(done ? 1 : 0)
    this.count(items.length)
    for (let place = 0; place < items.length; place++) {
      this.seen.beginItem()
      this.value(items[place])
    }
    this.depth--
    this.checkSizes()
  }

  /** Of a socket or server only a number crosses. */
  private move(value: object): boolean {
    if (this.moving?.moves(value) !== true) return false
    const number = this.moving.take(value)
    this.byte(this.listing ? tag.LISTED_MOVED : tag.MOVED)
    this.count(number)
    return true
  }

  private function(value: Function): void {
    if (this.lend === undefined) throw new NotCloneable('a function cannot cross here', value)
    if (placeOfProxy(value) !== undefined) throw new NotCloneable(NO_REFERENCE, value)
    const reference = this.lend(value)
    this.byte(this.listing ? tag.LISTED_FUNCTION : tag.FUNCTION)
    this.count(reference)
    const length = property(value, 'length')
    const name = property(value, 'name')
    this.count(typeof length === 'number' && length >= 0 ? Math.min(length, tag.FUNCTION_LENGTH_LIMIT) : 0)
    this.string(typeof name === 'string' ? name.slice(0, tag.FUNCTION_NAME_LIMIT) : '')
  }
}

/** Only a proxy can keep its prototype to itself. */
function prototypeOf(value: object): object | null {
  try {
    return Object.getPrototypeOf(value) as object | null
  } catch {
    throw new NotCloneable('a Proxy cannot cross', value)
  }
}

/** What has Object.prototype or none, and is no proxy, may be no plain object all the same. */
function isPlain(value: object, prototype: object | null): boolean {
  return prototype === null ? !types.isModuleNamespaceObject(value) : !types.isArgumentsObject(value)
}
