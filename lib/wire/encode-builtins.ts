import { types } from 'node:util'
import { subscriptionTo } from './abort-signals.js'
import { checkElements, ENTRIES_LIMIT, PROPERTIES_LIMIT } from './element-limits.js'
import { isError } from './is-error.js'
import { NotCloneable } from './not-cloneable.js'
import * as tag from './tags.js'
import type { ValueWriter } from './value-writer.js'

/** Writes an instance of a built-in class that `structuredClone` knows; false when it is none. */
export function encodeBuiltin(encoder: ValueWriter, value: object): boolean {
  if (ArrayBuffer.isView(value)) encodeView(encoder, value)
  else if (types.isDate(value)) encodeDate(encoder, value)
  else if (types.isMap(value)) encodeMap(encoder, value)
  else if (types.isSet(value)) encodeSet(encoder, value)
  else if (isError(value)) encodeError(encoder, value)
  else if (types.isArrayBuffer(value)) encodeArrayBuffer(encoder, value)
  else if (types.isRegExp(value)) encodeRegExp(encoder, value)
  else if (types.isBoxedPrimitive(value)) encodeBoxed(encoder, value)
  else if (!types.isProxy(value) && value instanceof AbortSignal) encodeSignal(encoder, value)
  else return false
  return true
}

const viewName = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag
)?.get as () => string | undefined

function encodeView(encoder: ValueWriter, view: ArrayBufferView): void {
  const name = Buffer.isBuffer(view) ? 'Buffer' : (viewName.call(view) ?? 'DataView')
  const kind = tag.viewKinds.indexOf(name)
  if (kind < 0) throw new NotCloneable(`a ${name} cannot cross`, view)
  const bytes = bytesOf(view, view.buffer, view.byteOffset, view.byteLength)
  if (encoder.attaches(bytes)) return encoder.attach(kind, bytes)
  encoder.byte(tag.VIEW)
  encoder.byte(kind)
  encoder.block(bytes)
}

function encodeArrayBuffer(encoder: ValueWriter, buffer: ArrayBuffer): void {
  const bytes = bytesOf(buffer, buffer)
  if (buffer.resizable) {
    encoder.weigh(buffer.maxByteLength)
    encoder.byte(tag.RESIZABLE_BUFFER)
    encoder.count(buffer.maxByteLength)
    return encoder.block(bytes)
  }
  if (encoder.attaches(bytes)) return encoder.attach(tag.ARRAY_BUFFER_KIND, bytes)
  encoder.byte(tag.ARRAY_BUFFER)
  encoder.block(bytes)
}

function bytesOf(value: object, memory: ArrayBufferLike, start?: number, length?: number): Uint8Array {
  try {
    return new Uint8Array(memory, start, length)
  } catch {
    throw new NotCloneable('a detached ArrayBuffer cannot cross', value)
  }
}

function encodeDate(encoder: ValueWriter, date: Date): void {
  encoder.byte(tag.DATE)
  encoder.double(Date.prototype.getTime.call(date))
}

function encodeRegExp(encoder: ValueWriter, expression: RegExp): void {
  const source = sourceOf.call(expression)
  const flags = flagsOf.call(expression)
  encoder.expressions += source.length
  if (encoder.expressions > tag.EXPRESSION_LIMIT) {
    throw new NotCloneable(
      `regular expressions of more than ${tag.EXPRESSION_LIMIT} characters cannot cross`,
      expression
    )
  }
  encoder.byte(tag.REGEXP)
  encoder.string(source)
  encoder.string(flags)
}

/** A class that extends RegExp may have its own idea of these. */
const sourceOf = getterOf(RegExp.prototype, 'source')
const flagsOf = getterOf(RegExp.prototype, 'flags')

function getterOf<T = string>(prototype: object, key: string): () => T {
  return Object.getOwnPropertyDescriptor(prototype, key)?.get as () => T
}

const sizeOfMap = getterOf<number>(Map.prototype, 'size')
const sizeOfSet = getterOf<number>(Set.prototype, 'size')

/** Copied first, because a getter among the values may change the collection while it is written. */
function encodeMap(encoder: ValueWriter, map: Map<unknown, unknown>): void {
  checkElements(sizeOfMap.call(map), ENTRIES_LIMIT)
  const entries = [...Map.prototype.entries.call(map)] as [unknown, unknown][]
  encoder.weigh(tag.COLLECTION_WEIGHT + entries.length * tag.ENTRY_WEIGHT)
  encoder.byte(tag.MAP)
  encoder.count(entries.length)
  // A loop by `of` would take twice the stack for each level that a value nests.
  for (let place = 0; place < entries.length; place++) {
    const entry = entries[place] as [unknown, unknown]
    encoder.value(entry[0])
    encoder.value(entry[1])
  }
}

function encodeSet(encoder: ValueWriter, set: Set<unknown>): void {
  checkElements(sizeOfSet.call(set), ENTRIES_LIMIT)
  const members = [...Set.prototype.values.call(set)] as unknown[]
  encoder.weigh(tag.COLLECTION_WEIGHT + members.length * tag.ENTRY_WEIGHT)
  encoder.byte(tag.SET)
  encoder.count(members.length)
  for (let place = 0; place < members.length; place++) encoder.value(members[place])
}

/** A signal here is a signal there, though `structuredClone` makes an empty object of it. */
function encodeSignal(encoder: ValueWriter, signal: AbortSignal): void {
  encoder.weigh(tag.SIGNAL_WEIGHT)
  encoder.byte(tag.ABORT_SIGNAL)
  encoder.byte(signal.aborted ? 1 : 0)
  encoder.value(signal.aborted ? signal.reason : subscriptionTo(signal))
}

function encodeBoxed(encoder: ValueWriter, boxed: object): void {
  if (types.isSymbolObject(boxed)) throw new NotCloneable('a symbol cannot cross', boxed)
  encoder.byte(tag.BOXED)
  if (types.isNumberObject(boxed)) encoder.value(Number.prototype.valueOf.call(boxed))
  else if (types.isStringObject(boxed)) encoder.value(String.prototype.valueOf.call(boxed))
  else if (types.isBooleanObject(boxed)) encoder.value(Boolean.prototype.valueOf.call(boxed))
  else encoder.value(BigInt.prototype.valueOf.call(boxed as unknown as bigint))
}

/**
 * An error crosses as more than `structuredClone` keeps: its nearest built-in class, name, message, stack, and every
 * own property that can cross. One that cannot (a socket, a function) is left out: the error matters more than it.
 */
function encodeError(encoder: ValueWriter, error: Error): void {
  encoder.byte(tag.ERROR)
  const place = errorClassOf(error)
  encoder.byte(place)
  const name = text(error, 'name')
  encoder.value(text(error, 'message') ?? '')
  encoder.value(text(error, 'stack'))
  encoder.value(name === (tag.errorClasses[place] as ErrorConstructor).name ? undefined : name)
  const keys = propertiesOf(error)
  checkElements(keys.length, PROPERTIES_LIMIT)
  const { lend, moving } = encoder
  encoder.lend = undefined
  encoder.moving = undefined
  for (let next = 0; next < keys.length; next++) encodeProperty(encoder, error, keys[next] as string)
  encoder.lend = lend
  encoder.moving = moving
  encoder.byte(0)
}

/** A message that is no text crosses like any other property: it may be all that tells what went wrong. */
function propertiesOf(error: Error): string[] {
  const told = text(error, 'message') === undefined ? TEXTS.slice(1) : TEXTS
  const keys = Object.getOwnPropertyNames(error).filter((key) => !told.includes(key))
  if (error instanceof DOMException) keys.push('code')
  return keys
}

const TEXTS = ['message', 'stack', 'name']

function encodeProperty(encoder: ValueWriter, error: Error, key: string): void {
  const mark = encoder.mark()
  try {
    encoder.weigh(tag.ENTRY_WEIGHT)
    encoder.byte(Object.prototype.propertyIsEnumerable.call(error, key) ? 2 : 1)
    encoder.string(key)
    encoder.value((error as unknown as Record<string, unknown>)[key])
  } catch {
    encoder.rewind(mark)
  }
}

function errorClassOf(error: Error): number {
  for (let place = tag.errorClasses.length - 1; place > 0; place--) {
    if (error instanceof (tag.errorClasses[place] as ErrorConstructor)) return place
  }
  return byPrototypeName(error)
}

/** An error of another realm (a vm context) is no instance of this realm's classes; its chain of names tells. */
function byPrototypeName(error: Error): number {
  if (error instanceof Error) return 0
  let prototype = Object.getPrototypeOf(error) as { constructor?: { name?: unknown } } | null
  while (prototype !== null) {
    const place = tag.errorClasses.findIndex((known) => known.name === prototype?.constructor?.name)
    if (place >= 0) return place
    prototype = Object.getPrototypeOf(prototype) as typeof prototype
  }
  return 0
}

function text(error: Error, key: 'message' | 'stack' | 'name'): string | undefined {
  try {
    const value: unknown = error[key]
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}
