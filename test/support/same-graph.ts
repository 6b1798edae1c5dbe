import { types } from 'node:util'

/**
 * Where `copy` is not what should arrive at the other process when `original` is sent: undefined when it is, else the
 * path of the first difference. Not only the values are compared but the shape of the whole graph: what was one
 * object stays one object, and what were two stay two.
 */
export function difference(original: unknown, copy: unknown): string | undefined {
  return new Comparison().difference(original, copy, 'value')
}

/** The classes that arrive as they are; instances of all others arrive as plain objects. */
const builtins: readonly (new (...parameters: never[]) => unknown)[] = [
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
  AggregateError,
  Error,
  Map,
  Set,
  Date,
  RegExp,
  Number,
  String,
  Boolean,
  BigInt as unknown as new () => bigint,
  Buffer,
  DataView,
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  ArrayBuffer,
  Array
]

class Comparison {
  private readonly copies = new Map<object, object>()
  private readonly originals = new Map<object, object>()

  difference(original: unknown, copy: unknown, path: string): string | undefined {
    if (typeof original !== 'object' || original === null) return Object.is(original, copy) ? undefined : path
    if (typeof copy !== 'object' || copy === null) return path
    const known = this.copies.get(original)
    if (known !== undefined || this.originals.has(copy)) {
      return known === copy ? undefined : `${path} (identity)`
    }
    this.copies.set(original, copy)
    this.originals.set(copy, original)
    const prototype: unknown = Object.getPrototypeOf(copy)
    if (prototype !== expectedPrototype(original)) return `${path} (class)`
    return this.content(original, copy, path)
  }

  private content(original: object, copy: object, path: string): string | undefined {
    if (original instanceof Error) return this.error(original, copy as Error, path)
    if (ArrayBuffer.isView(original)) {
      return sameBytes(original, copy as ArrayBufferView) ? undefined : `${path} (bytes)`
    }
    if (original instanceof ArrayBuffer) {
      return sameBuffer(original, copy as ArrayBuffer) ? undefined : `${path} (bytes)`
    }
    if (original instanceof Map) {
      return this.list([...original].flat(), [...(copy as typeof original)].flat(), path)
    }
    if (original instanceof Set) return this.list([...original], [...(copy as typeof original)], path)
    if (original instanceof Date) {
      return Object.is(original.getTime(), (copy as Date).getTime()) ? undefined : path
    }
    if (original instanceof RegExp) return sameExpression(original, copy as RegExp) ? undefined : path
    if (types.isBoxedPrimitive(original)) {
      return Object.is(original.valueOf(), copy.valueOf()) ? undefined : path
    }
    if (Array.isArray(original) && original.length !== (copy as unknown[]).length) return `${path}.length`
    return this.properties(original, copy, Object.keys(original), Object.keys(copy), path)
  }

  private error(original: Error, copy: Error, path: string): string | undefined {
    for (const key of ['name', 'message', 'stack'] as const) {
      if (original[key] !== copy[key]) return `${path}.${key}`
    }
    return this.properties(original, copy, furtherKeys(original), furtherKeys(copy), path)
  }

  private properties(
    original: object,
    copy: object,
    keys: readonly string[],
    copiedKeys: readonly string[],
    path: string
  ): string | undefined {
    if (JSON.stringify(keys) !== JSON.stringify(copiedKeys)) return `${path} (keys)`
    for (const key of keys) {
      const found = this.difference(ownValue(original, key), ownValue(copy, key), `${path}.${key}`)
      if (found !== undefined) return found
      const [before, after] = [original, copy].map((holder) =>
        Object.prototype.propertyIsEnumerable.call(holder, key)
      )
      if (before !== after) return `${path}.${key} (enumerable)`
    }
    return undefined
  }

  private list(originals: readonly unknown[], copies: readonly unknown[], path: string): string | undefined {
    if (originals.length !== copies.length) return `${path}.size`
    for (const [place, member] of originals.entries()) {
      const found = this.difference(member, copies[place], `${path}.<${place}>`)
      if (found !== undefined) return found
    }
    return undefined
  }
}

function expectedPrototype(original: object): unknown {
  return (builtins.find((builtin) => original instanceof builtin) ?? Object).prototype
}

/** Read as the sender reads it, so that a getter counts as its value. */
function ownValue(holder: object, key: string): unknown {
  return Object.hasOwn(holder, key) ? Reflect.get(holder, key) : undefined
}

function furtherKeys(error: Error): string[] {
  return Object.getOwnPropertyNames(error).filter((key) => !['name', 'message', 'stack'].includes(key))
}

function bytesOf(view: ArrayBufferView): Buffer {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength)
}

function sameExpression(left: RegExp, right: RegExp): boolean {
  return left.source === right.source && left.flags === right.flags && right.lastIndex === 0
}

function sameBytes(left: ArrayBufferView, right: ArrayBufferView): boolean {
  return bytesOf(left).equals(bytesOf(right))
}

function sameBuffer(left: ArrayBuffer, right: ArrayBuffer): boolean {
  if (left.resizable !== right.resizable || left.maxByteLength !== right.maxByteLength) return false
  return Buffer.from(left).equals(Buffer.from(right))
}
