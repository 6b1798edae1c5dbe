import { ProtocolViolation } from './byte-reader.js'
import type { Decoder } from './decoder.js'
import { operations, type BaseMessage } from './chain.js'
import { MOST_SEGMENTS } from './find-function.js'
import { readPath } from './live-reader.js'
import { baseKinds, KNOWN, messageTypes, outcomeStates, WANTED, WITHIN } from './message-tags.js'
import type { Call, Message, Outcome, PackageLoad, ScriptMessage, StepMessage, Target } from './messages.js'
import { SCRIPT_LIMIT, TARGET_LIMIT } from './protocol-limits.js'
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
      return { type: 'trouble', code: readCode(decoder), details: readDetails(decoder) }
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

function readScript(decoder: Decoder, targets: Target[]): ScriptMessage {
  const id = decoder.uint32()
  const steps: StepMessage[] = []
  decoder.readsOperands(true)
  for (let left = decoder.length(); left > 0; left--) steps.push(readStep(decoder, targets, steps.length))
  decoder.readsOperands(false)
  if (steps.length > SCRIPT_LIMIT) throw new ProtocolViolation('a script is too long')
  return { type: 'script', id, steps }
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

function readStep(decoder: Decoder, targets: Target[], place: number): StepMessage {
  const mark = decoder.byte()
  const operation = operations[mark & ~(WANTED | KNOWN)]
  const isKnown = (mark & KNOWN) !== 0
  const base = readBase(decoder, isKnown)
  if (operation === undefined) throw new ProtocolViolation('an unknown operation')
  if (base.kind === 'step' && base.index >= place) throw new ProtocolViolation('a step before its base')
  if (!isKnown) {
    const path = readPath(decoder)
    return { operation, base, path, target: undefined, parameters: readList(decoder), wanted: mark >= WANTED }
  }
  const target = readTarget(decoder, targets)
  if (base.kind === 'root') base.name = target.package
  const path = (target.segments ??= segmentsOf(target))
  return { operation, base, path, target, parameters: readList(decoder), wanted: mark >= WANTED }
}

function segmentsOf({ path }: Target): readonly string[] {
  const segments = path === '' ? [] : path.split('.', MOST_SEGMENTS + 1)
  if (segments.length > MOST_SEGMENTS) throw new ProtocolViolation('a path is too long')
  return segments
}

/** `isNamed`: with the target that follows. */
function readBase(decoder: Decoder, isNamed: boolean): BaseMessage {
  switch (baseKinds[decoder.byte()]) {
    case 'root':
      return { kind: 'root', name: isNamed ? '' : decoder.string() }
    case 'reference':
      return { kind: 'reference', number: decoder.count() }
    case 'step':
      return { kind: 'step', index: decoder.count() }
    default:
      throw new ProtocolViolation('an unknown base of a step')
  }
}

function readOutcome(decoder: Decoder): Outcome {
  const id = decoder.uint32()
  const step = decoder.count()
  const last = decoder.byte() === 1
  const state = outcomeStates[decoder.byte()]
  if (state === undefined) throw new ProtocolViolation('an unknown kind of outcome')
  const at = state === 'value' ? step : decoder.count()
  return { type: 'outcome', id, step, last, state, at, value: readBody(decoder), copied: !decoder.wasLive }
}

function readBody(decoder: Decoder): unknown {
  const form = decoder.byte()
  if (form === 4) return readMoving(decoder)
  decoder.wasLive = false
  if (form === 0) return decoder.value()
  if (form > 3) throw new ProtocolViolation('an unknown form of value')
  decoder.wasLive = form > 1
  return form === 3 ? decoder.liveValue() : readPacked(decoder, form === 2)
}

function readPacked(decoder: Decoder, live: boolean): unknown {
  const listed: number[] = []
  const things: unknown[] = []
  for (let left = decoder.length(); left > 0; left--) {
    if (live) things.push(decoder.thing())
    else listed.push(decoder.count())
  }
  decoder.listed = listed
  decoder.things = things
  const value = decoder.packedValue(live)
  decoder.listed = []
  decoder.things = NOTHING
  return value
}

const NOTHING: readonly unknown[] = []

function readMoving(decoder: Decoder): unknown {
  const listed: number[] = []
  for (let left = decoder.length(); left > 0; left--) listed.push(decoder.count())
  const form = decoder.byte()
  if (form !== 1 && form !== 2) throw new ProtocolViolation('an unknown form of value')
  decoder.wasLive = form === 2
  decoder.listedMoved = listed
  const value = readPacked(decoder, form === 2)
  decoder.listedMoved = []
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
