import { ProtocolViolation } from './byte-reader.js'
import type { Decoder } from './decoder.js'
import { messageTypes, TARGET_LIMIT, type Message, type PackageLoad, type Target } from './messages.js'
import { refusalCodes, type RefusalCode } from './refusal.js'

/** Reads one message whose type has been read; a type the receiver does not take is its own affair. */
export function readMessage(decoder: Decoder, targets: Target[], type: number): Message {
  decoder.beginMessage()
  switch (type) {
    case messageTypes.call:
      return {
        type: 'call',
        id: decoder.uint32(),
        target: readTarget(decoder, targets),
        parameters: readList(decoder)
      }
    case messageTypes.result:
      return { type: 'result', id: decoder.uint32(), value: readBody(decoder) }
    case messageTypes.failure:
      return { type: 'failure', id: decoder.uint32(), error: readBody(decoder) }
    case messageTypes.refused:
      return { type: 'refused', id: decoder.uint32(), code: readCode(decoder), details: readDetails(decoder) }
    case messageTypes.invoke:
      return {
        type: 'invoke',
        id: decoder.uint32(),
        reference: decoder.count(),
        parameters: readList(decoder)
      }
    case messageTypes.release:
      return { type: 'release', reference: decoder.count(), count: decoder.count() }
    case messageTypes.add:
      return {
        type: 'add',
        id: decoder.uint32(),
        load: readLoad(decoder),
        parameters: readParameters(decoder)
      }
    case messageTypes.cancel:
      return { type: 'cancel', id: decoder.uint32() }
    case messageTypes.ping:
      return { type: 'ping', id: decoder.uint32() }
    case messageTypes.hello:
      return {
        type: 'hello',
        version: decoder.count(),
        maxBytes: decoder.count(),
        maxCallbacks: decoder.count()
      }
    case messageTypes.ready:
      return { type: 'ready', version: decoder.count() }
    case messageTypes.report:
      return { type: 'report', memory: decoder.count() }
    case messageTypes.trouble:
      return { type: 'trouble', code: readCode(decoder), details: readDetails(decoder) }
    case messageTypes.collect:
      return { type: 'collect' }
    case messageTypes.stop:
      return { type: 'stop' }
    default:
      throw new ProtocolViolation(`an unknown type of message, ${type}`)
  }
}

function readTarget(decoder: Decoder, targets: Target[]): Target {
  const place = decoder.count()
  if (place > 1) {
    const known = targets[place - 2]
    if (known === undefined) throw new ProtocolViolation('an unknown target')
    return known
  }
  const target: Target = { package: decoder.string(), path: decoder.string(), silent: decoder.byte() === 1 }
  if (place === 0 && targets.push(target) > TARGET_LIMIT) throw new ProtocolViolation('too many targets')
  return target
}

function readBody(decoder: Decoder): unknown {
  const form = decoder.byte()
  if (form === 0) return decoder.value()
  if (form !== 1) throw new ProtocolViolation('an unknown form of value')
  const listed: number[] = []
  for (let left = decoder.length(); left > 0; left--) listed.push(decoder.count())
  const shapes = decoder.shapes
  decoder.shapes = []
  decoder.listed = listed
  const value = decoder.value()
  decoder.shapes = shapes
  decoder.listed = []
  return value
}

function readParameters(decoder: Decoder): unknown[] | null | undefined {
  const parameters = readBody(decoder)
  if (parameters === undefined || parameters === null || Array.isArray(parameters)) return parameters
  throw new ProtocolViolation('parameters are no array')
}

function readList(decoder: Decoder): unknown[] {
  return readParameters(decoder) ?? []
}

function readCode(decoder: Decoder): RefusalCode {
  const code = decoder.string()
  const known = refusalCodes.find((one) => one === code)
  if (known === undefined) throw new ProtocolViolation('an unknown reason to refuse')
  return known
}

function readDetails(decoder: Decoder): Record<string, unknown> {
  const details = readBody(decoder)
  if (typeof details !== 'object' || details === null || Array.isArray(details)) {
    throw new ProtocolViolation('a refusal without details')
  }
  return details as Record<string, unknown>
}

function readLoad(decoder: Decoder): PackageLoad {
  const name = decoder.string()
  const as = decoder.string()
  const paths: string[] = []
  for (let left = decoder.length(); left > 0; left--) paths.push(decoder.string())
  return { name, as, paths }
}
