import { readBody, readDetails, readList, readParameters } from './body-reader.js'
import { ProtocolViolation } from './byte-reader.js'
import type { Decoder } from './decoder.js'
import { messageTypes, WITHIN } from './message-tags.js'
import type { Call, Message, PackageLoad, ScriptMessage, Target } from './messages.js'
import { refusalCodes, type RefusalCode } from './refusal.js'
import { readOutcome, readScript } from './script-reader.js'
import { readTarget } from './target-reader.js'

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
      return { type: 'result', id: decoder.int32(), value: readBody(decoder) }
    case messageTypes.failure:
      return { type: 'failure', id: decoder.int32(), error: readBody(decoder) }
    case messageTypes.refused:
      return { type: 'refused', id: decoder.int32(), code: readCode(decoder), details: readDetails(decoder) }
    case messageTypes.invoke:
      return {
        type: 'invoke',
        id: decoder.int32(),
        reference: decoder.count(),
        parameters: readList(decoder)
      }
    case messageTypes.begun:
      return {
        type: 'begun',
        id: decoder.int32(),
        count: decoder.count(),
        areLater: decoder.byte() === 1
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
      return { type: 'trouble', code: readCode(decoder), details: decoder.unasked(readDetails) }
    case messageTypes.script:
      return readScript(decoder, targets)
    case messageTypes.outcome:
      return readOutcome(decoder)
    case WITHIN:
      return readWithin(decoder, targets)
    case messageTypes.collect:
      return { type: 'collect' }
    case messageTypes.stop:
      return { type: 'stop' }
    default:
      throw new ProtocolViolation(`an unknown type of message, ${type}`)
  }
}

/** The parameters of an invocation behind one of the same function, whose type has been seen to come. */
export function readAgain(decoder: Decoder, live: boolean): unknown[] {
  decoder.position++
  decoder.beginMessage()
  const parameters = decoder.list(live)
  decoder.forget()
  return parameters
}

function readWithin(decoder: Decoder, targets: Target[]): Call | ScriptMessage {
  const contexts: unknown[] = []
  for (let left = decoder.length(); left > 0; left--) contexts.push(readBody(decoder))
  const type = decoder.byte()
  const message = type === WITHIN ? undefined : readMessage(decoder, targets, type)
  if (message?.type === 'call' && contexts.length === 1) return { ...message, contexts: [contexts[0]] }
  if (message?.type !== 'script') throw new ProtocolViolation('contexts of what has none')
  const steps = message.steps.map((step) => ({ ...step, context: readPlace(decoder, contexts.length) }))
  return { ...message, steps, contexts }
}

function readPlace(decoder: Decoder, length: number): number | undefined {
  const place = decoder.count() - 1
  if (place >= length) throw new ProtocolViolation('a context that is not there')
  return place < 0 ? undefined : place
}

function readCode(decoder: Decoder): RefusalCode {
  const code = decoder.string()
  const known = refusalCodes.find((one) => one === code)
  if (known === undefined) throw new ProtocolViolation('an unknown reason to refuse')
  return known
}

function readLoad(decoder: Decoder): PackageLoad {
  const name = decoder.string()
  const as = decoder.string()
  const paths: string[] = []
  for (let left = decoder.length(); left > 0; left--) paths.push(decoder.string())
  return { name, as, paths }
}
