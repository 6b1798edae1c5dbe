import type { Base } from './chain.js'
import { now } from './clock.js'

/** Places in the program that are noted at once. */
const AT_ONCE = 32
/** ms until one more of them may be. */
const EACH = 0.1

let left = AT_ONCE
let renewed = 0

/**
 * Where in the program a chain was written, read only when it fails. To note that costs as much as all else about a
 * chain, so a program that writes thousands in a row has it of some: of the others it is known who awaited them.
 */
export function traceFor(base: Base, above: Function): { stack?: string } | undefined {
  if (base.kind === 'step') return base.trace
  if (base.kind === 'reference' && base.origin !== undefined) return base.origin.trace
  if (left < 1) {
    const at = now()
    left = Math.min(AT_ONCE, (at - renewed) / EACH)
    renewed = at
    if (left < 1) return undefined
  }
  left--
  const trace: { stack?: string } = {}
  Error.captureStackTrace(trace, above)
  return trace
}
