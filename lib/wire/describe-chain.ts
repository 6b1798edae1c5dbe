import type { Base, Step } from './chain.js'

/** As in code: `sharp(…).resize`. */
export function describe(base: Base, path: readonly string[] = []): string {
  return [describeBase(base), ...path].join('.')
}

/** A step within its chain: `sharp(…).resize(…) → toBuffer`; of a long chain its two ends. */
export function describeFailure({ operation, base, path }: Step): string {
  if (base.kind === 'reference' && base.origin !== undefined) return base.origin.failure
  if (base.kind === 'step' && base.operation === 'iterate') return describeFailure(base)
  const before = path.slice(0, -1)
  const last = path.at(-1)
  if (last === undefined) return shortened(operation === 'new' ? `new ${describe(base)}` : describe(base))
  return shortened(`${operation === 'new' ? 'new ' : ''}${describe(base, before)} → ${last}`)
}

function describeBase(base: Base): string {
  if (base.kind === 'root') return base.name
  // A function or a class may have no name.
  if (base.kind === 'reference') return base.label === '' ? 'anonymous' : base.label
  const what = describe(base.base, base.path)
  if (base.operation === 'call') return `${what}(…)`
  return base.operation === 'new' ? `new ${what}(…)` : what
}

function shortened(text: string): string {
  return text.length <= 2 * LONGEST_END ? text : `${text.slice(0, LONGEST_END)} … ${text.slice(-LONGEST_END)}`
}

/** As long as anybody reads on in a line of a stack. */
const LONGEST_END = 200
