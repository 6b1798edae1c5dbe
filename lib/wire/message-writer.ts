import { beginBody, writeBody } from './body-writer.js'
import type { Encoder } from './encoder.js'
import { operations, type BaseMessage } from './chain.js'
import {
  AGAIN,
  baseKinds,
  KNOWN,
  messageTypes,
  outcomeStates,
  TARGET_LIMIT,
  WANTED,
  WITHIN,
  type Invoke,
  type Message,
  type Outcome,
  type ScriptMessage,
  type StepMessage,
  type Target
} from './messages.js'
import { Packed } from './packed.js'
import { ARRAY } from './tags.js'

type StepTarget = Target & { segments: readonly string[] }

/** The sender's table of call targets, in step with the receiver's list. */
export class TargetTable {
  readonly targets: Target[] = []
  private places = new Map<Target, number>()
  private readonly ofSteps = new Map<string, Map<string, StepTarget>>()
  private stepCount = 0

  /** Where the target stands in the table, or -1. */
  find(target: Target): number {
    return this.places.get(target) ?? -1
  }

  add(target: Target): boolean {
    if (this.targets.length >= TARGET_LIMIT) return false
    this.places.set(target, this.targets.push(target) - 1)
    return true
  }

  /** The target of a step: always the same for the same package and path. Undefined where it is written out. */
  ofStep(packageName: string, path: readonly string[]): Target | undefined {
    const count = path.length
    const key = count === 1 ? (path[0] as string) : path.join('.')
    let targets = this.ofSteps.get(packageName)
    const known = targets?.get(key)
    if (known !== undefined) return known.segments.length === count ? known : undefined
    if (this.stepCount >= TARGET_LIMIT || path.some(isSpecial)) return undefined
    targets ??= new Map<string, StepTarget>()
    this.ofSteps.set(packageName, targets)
    const target = { package: packageName, path: key, segments: [...path] }
    targets.set(key, target)
    this.stepCount++
    return target
  }

  /** Takes back the targets added since the table had this many. */
  truncate(length: number): void {
    for (const target of this.targets.splice(length)) this.places.delete(target)
  }
}

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

/** A segment that a path in one text would not keep apart from others, or that is none to remember. */
function isSpecial(segment: string): boolean {
  return segment === '' || segment.length > LONGEST_NAME || segment.includes('.')
}

const LONGEST_NAME = 100

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
    else writeTarget(encoder, targets, target, whole)
    writeOperands(encoder, Array.isArray(parameters) && parameters.length === 0 ? undefined : parameters)
  }
  if (contexts !== undefined) for (const { context } of steps) encoder.count((context ?? -1) + 1)
  encoder.checkSize()
}

function writePath(encoder: Encoder, path: readonly string[]): void {
  encoder.count(path.length)
  for (const segment of path) encoder.string(segment)
}

function writeOperands(encoder: Encoder, parameters: StepMessage['parameters'] | undefined): void {
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
