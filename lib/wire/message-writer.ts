import type { Encoder } from './encoder.js'
import { messageTypes, TARGET_LIMIT, type Message, type Target } from './messages.js'
import { Packed } from './packed.js'

/** The sender's table of call targets, in step with the receiver's list. */
export class TargetTable {
  readonly targets: Target[] = []
  private places = new Map<Target, number>()

  /** Where the target stands in the table, or -1. */
  find(target: Target): number {
    return this.places.get(target) ?? -1
  }

  add(target: Target): boolean {
    if (this.targets.length >= TARGET_LIMIT) return false
    this.places.set(target, this.targets.push(target) - 1)
    return true
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
  encoder.byte(messageTypes[message.type])
  switch (message.type) {
    case 'call':
      encoder.uint32(message.id)
      writeTarget(encoder, targets, message.target, whole)
      return writeParameters(encoder, message.parameters)
    case 'result':
      encoder.uint32(message.id)
      writeBody(encoder, message.value)
      return encoder.checkSize()
    case 'failure':
      encoder.uint32(message.id)
      return writeBody(encoder, message.error)
    case 'refused':
      encoder.uint32(message.id)
      encoder.string(message.code)
      return writeBody(encoder, message.details)
    case 'invoke':
      encoder.uint32(message.id)
      encoder.count(message.reference)
      return writeParameters(encoder, message.parameters)
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

function writeParameters(encoder: Encoder, parameters: unknown[] | Packed): void {
  if (parameters instanceof Packed) return writeBody(encoder, parameters)
  encoder.byte(0)
  encoder.parameters(parameters)
  encoder.checkSize()
}

function writeBody(encoder: Encoder, value: unknown): void {
  if (!(value instanceof Packed)) {
    encoder.byte(0)
    return encoder.value(value)
  }
  encoder.byte(1)
  encoder.count(value.functions.length)
  for (const lent of value.functions) encoder.count(encoder.lend?.(lent) ?? 0)
  encoder.raw(value.bytes)
  for (const attachment of value.attachments) encoder.adopt(attachment)
}
