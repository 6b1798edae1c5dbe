import { invalidArgument } from './errors.js'

export type Callback = (...received: unknown[]) => void

/** As many as a function that crosses may declare. */
const MOST_PARAMETERS = 255

/**
 * The parameters with a callback, which declares N parameters, in the place of each `'cb:N'`: among the parameters
 * themselves and, at any depth, in arrays and plain objects. What was given is not changed.
 *
 * A parameter that begins with `cb:` and has no number is INVALID_ARGUMENT. Deeper such a text is data.
 */
export function withCallbacks(parameters: readonly unknown[], make: () => Callback): unknown[] {
  return parameters.map((value, index) => {
    if (typeof value === 'string' && value.startsWith('cb:') && countIn(value) === undefined) {
      const expected = `'cb:' and a number of parameters from 0 to ${MOST_PARAMETERS}, such as 'cb:2'`
      throw invalidArgument(`parameters[${index}]`, expected, value)
    }
    return holdsMark(value) ? replaced(value, make, new Map()) : value
  })
}

function countIn(value: string): number | undefined {
  const digits = /^cb:(\d{1,3})$/.exec(value)?.[1]
  return digits === undefined || Number(digits) > MOST_PARAMETERS ? undefined : Number(digits)
}

function holdsMark(root: unknown): boolean {
  const found = new Set<unknown>([root])
  // Grows while it is gone through.
  for (const value of found) {
    if (typeof value === 'string' && countIn(value) !== undefined) return true
    if (!isPlain(value)) continue
    for (const inner of Object.values(value)) {
      if (typeof inner === 'object' || (typeof inner === 'string' && inner.startsWith('cb:'))) {
        found.add(inner)
      }
    }
  }
  return false
}

function replaced(value: unknown, make: () => Callback, copies: Map<object, object>): unknown {
  const count = typeof value === 'string' ? countIn(value) : undefined
  if (count !== undefined) return Object.defineProperty(make(), 'length', { value: count })
  if (!isPlain(value)) return value
  const known = copies.get(value)
  if (known !== undefined) return known
  const copy = Array.isArray(value) ? new Array<unknown>(value.length) : (Object.create(null) as object)
  copies.set(value, copy)
  for (const [name, inner] of Object.entries(value)) Reflect.set(copy, name, replaced(inner, make, copies))
  return copy
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return true
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
