import { ProtocolViolation } from './byte-reader.js'
import type { Decoder } from './decoder.js'
import { MOST_SEGMENTS } from './find-function.js'
import type { Target } from './messages.js'
import { TARGET_LIMIT } from './protocol-limits.js'

/** Reads a target: one from the table of those that the other side has sent, or one that may enter it (messages.ts, Call). */
export function readTarget(decoder: Decoder, targets: Target[]): Target {
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

/** The path of a target in its parts, which are kept with it. */
export function segmentsOf(target: Target): readonly string[] {
  return (target.segments ??= split(target))
}

function split({ path }: Target): readonly string[] {
  const segments = path === '' ? [] : path.split('.', MOST_SEGMENTS + 1)
  if (segments.length > MOST_SEGMENTS) throw new ProtocolViolation('a path is too long')
  return segments
}
