import { signalFor } from './abort-signals.js'
import { ProtocolViolation } from './byte-reader.js'
import { believeElements, ENTRIES_LIMIT, PROPERTIES_LIMIT } from './element-limits.js'
import { keepFreedMemory, WORTH_KEEPING } from './freed-memory.js'
import * as tag from './tags.js'
import type { ValueReader } from './value-reader.js'

/** Reads an instance of a built-in class whose tag has been read. */
export function decodeBuiltin(decoder: ValueReader, kind: number): unknown {
  switch (kind) {
    case tag.DATE:
      return decoder.see(new Date(decoder.double()))
    case tag.REGEXP:
      return decodeRegExp(decoder)
    case tag.MAP:
      return decodeMap(decoder)
    case tag.SET:
      return decodeSet(decoder)
    case tag.BOXED:
      return decodeBoxed(decoder)
    case tag.ERROR:
      return decodeError(decoder)
    case tag.ABORT_SIGNAL:
      return decodeSignal(decoder)
    case tag.VIEW:
      return decodeView(decoder)
    case tag.ARRAY_BUFFER:
      return decoder.see(ownBytes(decoder, memory(decoder.length())).buffer)
    case tag.RESIZABLE_BUFFER:
      return decodeResizable(decoder)
    case tag.ATTACHMENT:
      return decodeAttachment(decoder)
    default:
      throw new ProtocolViolation(`an unknown kind of value, ${kind}`)
  }
}

function ownBytes<T extends Uint8Array>(decoder: ValueReader, into: T): T {
  const start = decoder.take(into.length)
  decoder.bytes.copy(into, 0, start, start + into.length)
  return into
}

function decodeRegExp(decoder: ValueReader): RegExp {
  const source = decoder.string()
  const flags = decoder.string()
  decoder.expression(source.length)
  try {
    return decoder.see(new RegExp(source, flags))
  } catch {
    throw new ProtocolViolation('no regular expression')
  }
}

function decodeSignal(decoder: ValueReader): AbortSignal {
  // Its number comes before those of what is inside.
  const place = decoder.reserve()
  decoder.weigh(tag.SIGNAL_WEIGHT)
  const aborted = decoder.byte() === 1
  const value = decoder.value()
  if (aborted) return decoder.fill(place, AbortSignal.abort(value))
  if (typeof value !== 'function') throw new ProtocolViolation('a signal that tells nobody')
  return decoder.fill(place, signalFor(value))
}

function decodeMap(decoder: ValueReader): Map<unknown, unknown> {
  const map = decoder.see(new Map<unknown, unknown>())
  for (let left = collection(decoder); left > 0; left--) map.set(decoder.value(), decoder.value())
  return map
}

function collection(decoder: ValueReader): number {
  const length = decoder.length()
  believeElements(length, ENTRIES_LIMIT)
  decoder.weigh(tag.COLLECTION_WEIGHT + length * tag.ENTRY_WEIGHT)
  return length
}

function decodeSet(decoder: ValueReader): Set<unknown> {
  const set = decoder.see(new Set<unknown>())
  for (let left = collection(decoder); left > 0; left--) set.add(decoder.value())
  return set
}

function decodeBoxed(decoder: ValueReader): object {
  const value = decoder.value()
  if (typeof value === 'object' || typeof value === 'function' || value === undefined) {
    throw new ProtocolViolation('no primitive value in a wrapper')
  }
  return decoder.see(Object(value) as object)
}

function decodeError(decoder: ValueReader): Error {
  const errorClass = tag.errorClasses[decoder.byte()]
  if (errorClass === undefined) throw new ProtocolViolation('an unknown class of error')
  const error = decoder.see(makeError(errorClass))
  hide(error, 'message', textOrDefault(decoder.value(), ''))
  hide(error, 'stack', textOrDefault(decoder.value(), undefined))
  const name = textOrDefault(decoder.value(), undefined)
  if (name !== undefined) hide(error, 'name', name)
  let properties = 0
  for (let mark = decoder.byte(); mark !== 0; mark = decoder.byte()) {
    believeElements(++properties, PROPERTIES_LIMIT)
    decoder.weigh(tag.ENTRY_WEIGHT)
    const key = decoder.string()
    // Whoever reads these takes them for texts, which they were above. Of other kinds no space sends them.
    if (key === 'stack' || key === 'name') throw new ProtocolViolation(`an error has its ${key} twice`)
    const value = decoder.value()
    Object.defineProperty(error, key, { value, writable: true, enumerable: mark === 2, configurable: true })
  }
  return error
}

/** The stack of the decoder itself would cost most and say nothing. Where Error is frozen it is made all the same. */
function makeError(errorClass: ErrorConstructor): Error {
  const limit = Error.stackTraceLimit
  Reflect.set(Error, 'stackTraceLimit', 0)
  const error =
    (errorClass as unknown) === AggregateError
      ? new AggregateError([])
      : (new errorClass() as Error & { errors?: unknown })
  Reflect.set(Error, 'stackTraceLimit', limit)
  // Node 20 makes the text of a stack before it is replaced by `defineProperty`, and the program's own
  // `Error.prepareStackTrace` may fail at one without frames.
  Reflect.set(error, 'stack', '')
  return error
}

function hide(error: Error, key: string, value: string | undefined): void {
  Object.defineProperty(error, key, { value, writable: true, enumerable: false, configurable: true })
}

function textOrDefault<T>(value: unknown, byDefault: T): string | T {
  if (value === undefined) return byDefault
  if (typeof value !== 'string') throw new ProtocolViolation('no text in an error')
  return value
}

function decodeResizable(decoder: ValueReader): ArrayBuffer {
  const maxByteLength = decoder.count()
  const length = decoder.length()
  if (length > maxByteLength) throw new ProtocolViolation('a resizable buffer is too small')
  decoder.weigh(maxByteLength)
  const buffer = new ArrayBuffer(length, { maxByteLength })
  ownBytes(decoder, new Uint8Array(buffer))
  return decoder.see(buffer)
}

function decodeView(decoder: ValueReader): ArrayBufferView {
  const kind = decoder.byte()
  const length = decoder.length()
  if (tag.viewKinds[kind] === 'Buffer' && length < WORTH_KEEPING) {
    return decoder.see(ownBytes(decoder, Buffer.allocUnsafe(length)))
  }
  return decoder.see(viewOf(kind, ownBytes(decoder, memory(length))))
}

/** For so many bytes and no others. What is large is not filled with zeros first. */
function memory(length: number): Uint8Array<ArrayBuffer> {
  if (length < WORTH_KEEPING) return new Uint8Array(length)
  keepFreedMemory()
  return Buffer.allocUnsafeSlow(length)
}

function decodeAttachment(decoder: ValueReader): object {
  const kind = decoder.byte()
  const bytes = decoder.attachment(decoder.count())
  if (kind === tag.ARRAY_BUFFER_KIND) return decoder.see(bytes.buffer)
  return decoder.see(viewOf(kind, bytes))
}

type ViewConstructor = { new (buffer: ArrayBufferLike): ArrayBufferView; BYTES_PER_ELEMENT?: number }

/** `bytes` owns all of its memory. */
function viewOf(kind: number, bytes: Uint8Array): ArrayBufferView {
  const name = tag.viewKinds[kind]
  if (name === 'Buffer') return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer)
  const constructor = (globalThis as unknown as Record<string, ViewConstructor | undefined>)[name ?? '']
  if (constructor === undefined || bytes.length % (constructor.BYTES_PER_ELEMENT ?? 1) !== 0) {
    throw new ProtocolViolation(`no view of kind ${kind}`)
  }
  return new constructor(bytes.buffer)
}
