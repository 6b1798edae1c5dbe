import { beginBody, writeBody } from './body-writer.js'
import type { Encoder } from './encoder.js'
import { operations, type BaseMessage } from './chain.js'
import { isFlat } from './flat.js'
import { AGAIN, baseKinds, KNOWN, messageTypes, outcomeStates, WANTED, WITHIN } from './message-tags.js'
import type { Invoke, Message, Outcome, ScriptMessage, StepMessage, Target } from './messages.js'
import { Packed } from './packed.js'
import { ARRAY, MEMBER_WEIGHT, OBJECT_WEIGHT, UNDEFINED } from './tags.js'
import type { StepTarget, TargetTable } from './target-table.js'

/**
 * Writes one message (messages.ts has the fields). `whole`: it must be readable without what other messages put into
 * the tables, and must put nothing there, since it may be overtaken.
 */
export function writeMessage(encoder: Encoder, targets: TargetTable, message: Message, whole: boolean): void {
  if ((message.type === 'call' || message.type === 'script') && message.contexts !== undefined) {
    encoder.byte(WITHIN)
    encoder.count(message.contexts.length)
    for (const context of message.contexts) writeBody(encoder, context)
  }
  encoder.byte(messageTypes[message.type])
  switch (message.type) {
    case 'call':
      encoder.uint32(message.id)
      writeTarget(encoder, targets, message.target, whole)
      return writeParameters(encoder, message.parameters)
    case 'result':
      encoder.int32(message.id)
      writeBody(encoder, message.value, message.live)
      return encoder.checkSize()
    case 'failure':
      encoder.int32(message.id)
      return writeBody(encoder, message.error)
    case 'refused':
      encoder.int32(message.id)
      encoder.string(message.code)
      return writeBody(encoder, message.details)
    case 'invoke':
      encoder.int32(message.id)
      encoder.count(message.reference)
      return writeParameters(encoder, message.parameters, message.live)
    case 'script':
      return writeScript(encoder, targets, message, whole)
    case 'outcome':
      return writeOutcome(encoder, message)
    case 'begun':
      encoder.int32(message.id)
      encoder.count(message.count)
      return encoder.byte(message.areLater ? 1 : 0)
    case 'release':
      encoder.count(message.reference)
      return encoder.count(message.count)
    case 'add':
      encoder.uint32(message.id)
      encoder.string(message.load.name)
      encoder.string(message.load.as)
      encoder.count(message.load.paths.length)
      for (const path of message.load.paths) encoder.string(path)
      return writeBody(encoder, message.parameters)
    case 'cancel':
    case 'ping':
      return encoder.uint32(message.id)
    case 'hello':
      encoder.count(message.version)
      encoder.count(message.maxBytes)
      return encoder.count(message.maxCallbacks)
    case 'ready':
      return encoder.count(message.version)
    case 'report':
      return encoder.count(message.memory)
    case 'trouble':
      encoder.string(message.code)
      return writeBody(encoder, message.details)
    case 'collect':
    case 'stop':
      return
  }
}

function writeTarget(encoder: Encoder, targets: TargetTable, target: Target, whole: boolean): void {
  const place = targets.find(target)
  if (place >= 0) return encoder.count(place + 2)
  encoder.count(!whole && targets.add(target) ? 0 : 1)
  encoder.string(target.package)
  encoder.string(target.path)
  encoder.byte(target.silent === true ? 1 : 0)
}

function writeScript(
  encoder: Encoder,
  targets: TargetTable,
  { id, steps, contexts }: ScriptMessage,
  whole: boolean
): void {
  encoder.uint32(id)
  encoder.count(steps.length)
  for (const { operation, base, path, parameters, wanted } of steps) {
    const target = targets.ofStep(base.kind === 'root' ? base.name : '', path)
    encoder.byte(operations.indexOf(operation) + (wanted ? WANTED : 0) + (target === undefined ? 0 : KNOWN))
    writeBase(encoder, base, target !== undefined)
    if (target === undefined) writePath(encoder, path)
    else writeStepTarget(encoder, targets, target, whole)
    if (Array.isArray(parameters) && isFlat(parameters)) writeFlat(encoder, parameters)
    else writeOperands(encoder, parameters)
  }
  if (contexts !== undefined) for (const { context } of steps) encoder.count((context ?? -1) + 1)
  encoder.checkSize()
}

function writeStepTarget(encoder: Encoder, targets: TargetTable, target: StepTarget, whole: boolean): void {
  if (target.place >= 0) return encoder.count(target.place + 2)
  writeTarget(encoder, targets, target, whole)
  target.place = targets.find(target)
}

/** As a Body has it, without the questions that other values raise. */
function writeFlat(encoder: Encoder, parameters: readonly unknown[]): void {
  const { length } = parameters
  encoder.byte(0)
  if (length === 0) return encoder.byte(UNDEFINED)
  encoder.byte(ARRAY)
  encoder.count(length)
  for (let place = 0; place < length; place++) encoder.value(parameters[place])
  encoder.weigh(OBJECT_WEIGHT + length * MEMBER_WEIGHT)
}

function writePath(encoder: Encoder, path: readonly string[]): void {
  encoder.count(path.length)
  for (const segment of path) encoder.string(segment)
}

function writeOperands(encoder: Encoder, parameters: StepMessage['parameters']): void {
  const { references } = encoder
  if (references === undefined) return writeBody(encoder, parameters)
  references.mayBeOperands = true
  try {
    writeBody(encoder, parameters)
  } finally {
    references.mayBeOperands = false
  }
}

function writeBase(encoder: Encoder, base: BaseMessage, isNamed: boolean): void {
  encoder.byte(baseKinds.indexOf(base.kind))
  if (base.kind === 'root') return isNamed ? undefined : encoder.string(base.name)
  encoder.count(base.kind === 'step' ? base.index : base.number)
}

function writeOutcome(encoder: Encoder, message: Outcome): void {
  encoder.uint32(message.id)
  encoder.count(message.step)
  encoder.byte(message.last ? 1 : 0)
  encoder.byte(outcomeStates.indexOf(message.state))
  if (message.state !== 'value') encoder.count(message.at)
  writeBody(encoder, message.value, !message.copied)
  encoder.checkSize()
}

function writeParameters(encoder: Encoder, parameters: unknown[] | Packed, live = false): void {
  if (parameters instanceof Packed) return writeBody(encoder, parameters)
  beginBody(encoder, live)
  encoder.parameters(parameters)
  encoder.live = undefined
  encoder.checkSize()
}

/** An invocation in a row behind one of the same function. */
export function writeAgain(encoder: Encoder, parameters: readonly unknown[], live: boolean): void {
  encoder.byte(AGAIN)
  if (live) encoder.live = encoder.references
  encoder.list(parameters)
  encoder.live = undefined
  encoder.checkSize()
}

/** Gives the invocation that `writeAgain` wrote, from `start` to the end, what it needs to stand alone. */
export function writeHeadOf(encoder: Encoder, { id, reference, live }: Invoke, start: number): void {
  const end = encoder.position
  encoder.byte(messageTypes.invoke)
  encoder.int32(id)
  encoder.count(reference)
  beginBody(encoder, live === true)
  encoder.live = undefined
  encoder.byte(ARRAY)
  const head = Buffer.from(encoder.bytes.subarray(end, encoder.position))
  encoder.bytes.copyWithin(start + head.length, start + 1, end)
  encoder.bytes.set(head, start)
  encoder.position = end - 1 + head.length
}
