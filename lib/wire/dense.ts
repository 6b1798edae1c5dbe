import { inspect } from 'node:util'

/** From this length on asking an array for its keys, 15 to 130 ns for each, is slower than the way around it. */
const LONG = 256

/** True when an array has no holes and no properties besides its elements, so that these say everything. */
export function isDense(array: readonly unknown[]): boolean {
  if (array.length >= LONG) return isFull(array) && hasOnlyElements(array)
  const keys = Object.keys(array)
  return (
    keys.length === array.length && (keys.length === 0 || keys[keys.length - 1] === String(keys.length - 1))
  )
}

/** Asking for `undefined` also finds holes, fast. An array that holds it is asked for its keys. */
function isFull(array: readonly unknown[]): boolean {
  try {
    return !Array.prototype.includes.call(array, undefined)
  } catch {
    return false
  }
}

/** Only what `inspect` does internally looks at the properties of an array without its elements. */
function hasOnlyElements(array: readonly unknown[]): boolean {
  return inspect(array, ONLY_PROPERTIES) === `[ ... ${array.length} more items ]`
}

const ONLY_PROPERTIES = {
  maxArrayLength: 0,
  maxStringLength: 0,
  depth: 0,
  breakLength: Infinity,
  customInspect: false
}
