import { moves } from '../space/movable.js'
import { pack, Packed } from '../wire/packed.js'
import type { ContextOfCalls } from './caller.js'
import type { PendingCall } from './pending-call.js'

/**
 * Keeps the parameters of a call that waits as they are now, packed, or only copied where nothing can change, and sets
 * its size. Throws a Refusal when they cannot cross, or take more than so many bytes.
 */
export function keepParameters(call: PendingCall, caller: ContextOfCalls, maxBytes: number): void {
  const { parameters, script } = call
  if (script !== undefined) {
    call.size = script.size
    return
  }
  if (parameters instanceof Packed) return
  const flat = sizeOfPrimitives(parameters)
  if (flat >= 0) {
    call.parameters = parameters.slice()
    call.size = flat + sizeOfContext(call)
    return
  }
  const packed = pack(parameters, 'parameters', maxBytes, moves)
  if (packed.functions.length > 0) packed.scope = caller.scope()
  call.parameters = packed
  call.size = packed.size + sizeOfContext(call)
}

function sizeOfContext({ contexts }: PendingCall): number {
  return contexts === undefined ? 0 : contexts[0].size
}

/** About what these parameters take in bytes, when none of them can change; else -1. Packing costs ten times as much. */
function sizeOfPrimitives(parameters: readonly unknown[]): number {
  let size = 16
  for (const parameter of parameters) {
    if (typeof parameter === 'string') size += parameter.length * 2
    else if (
      typeof parameter === 'object'
        ? parameter !== null
        : typeof parameter === 'function' || typeof parameter === 'symbol'
    ) {
      return -1
    }
    size += 8
  }
  return size
}
