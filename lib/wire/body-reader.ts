import { ProtocolViolation } from './byte-reader.js'
import type { Decoder } from './decoder.js'

/** A value in one of the forms of a Body (messages.ts). `decoder.wasLive` says whether it was a live one. */
export function readBody(decoder: Decoder): unknown {
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

/** A Body that is the parameters of something, or says that there are none. */
export function readParameters(decoder: Decoder): unknown[] | null | undefined {
  const parameters = readBody(decoder)
  if (parameters === undefined || parameters === null || Array.isArray(parameters)) return parameters
  throw new ProtocolViolation('parameters are no array')
}

/** The same as a list, which is empty where there are none. */
export function readList(decoder: Decoder): unknown[] {
  return readParameters(decoder) ?? []
}

/** A Body that is the details of a refusal. */
export function readDetails(decoder: Decoder): Record<string, unknown> {
  const details = readBody(decoder)
  if (typeof details !== 'object' || details === null || Array.isArray(details)) {
    throw new ProtocolViolation('a refusal without details')
  }
  return details as Record<string, unknown>
}

const NOTHING: readonly unknown[] = []
