import { readBody, readList } from './body-reader.js'
import { ProtocolViolation } from './byte-reader.js'
import { operations, type BaseMessage } from './chain.js'
import type { Decoder } from './decoder.js'
import { readPath } from './live-reader.js'
import { baseKinds, KNOWN, outcomeStates, WANTED } from './message-tags.js'
import type { Outcome, ScriptMessage, StepMessage, Target } from './messages.js'
import { SCRIPT_LIMIT } from './protocol-limits.js'
import { readTarget, segmentsOf } from './target-reader.js'

/** Reads the steps of a script, whose parameters may be what comes of one another. */
export function readScript(decoder: Decoder, targets: Target[]): ScriptMessage {
  const id = decoder.uint32()
  const steps: StepMessage[] = []
  decoder.readsOperands(true)
  for (let left = decoder.length(); left > 0; left--) steps.push(readStep(decoder, targets, steps.length))
  decoder.readsOperands(false)
  if (steps.length > SCRIPT_LIMIT) throw new ProtocolViolation('a script is too long')
  return { type: 'script', id, steps }
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
  const path = segmentsOf(target)
  return { operation, base, path, target, parameters: readList(decoder), wanted: mark >= WANTED }
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

/** Reads what became of one step. */
export function readOutcome(decoder: Decoder): Outcome {
  const id = decoder.uint32()
  const step = decoder.count()
  const last = decoder.byte() === 1
  const state = outcomeStates[decoder.byte()]
  if (state === undefined) throw new ProtocolViolation('an unknown kind of outcome')
  const at = state === 'value' ? step : decoder.count()
  return { type: 'outcome', id, step, last, state, at, value: readBody(decoder), copied: !decoder.wasLive }
}
