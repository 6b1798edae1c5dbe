import { defaultExport } from './default-export.js'
import { isReachableName, reachableHolders } from './reachable.js'

const MOST_NAMES = 10
/** More than the largest packages have; a dictionary may have any number. */
const MOST_READ = 2000

/**
 * The names of functions that a path can reach from here, at most ten, those that begin like `wanted` first.
 * Runs no getter, and answers none where a proxy throws.
 */
export function functionNames(place: unknown, wanted: string): string[] {
  const names = new Set<string>()
  try {
    for (const value of [place, defaultExport(place)]) {
      if (isObject(value)) addFunctionNames(value, names)
    }
  } catch {
    return []
  }
  const byLikeness = [...names].map((name) => ({ name, likeness: sharedStart(name, wanted) }))
  byLikeness.sort((left, right) => right.likeness - left.likeness)
  return byLikeness.slice(0, MOST_NAMES).map(({ name }) => name)
}

function addFunctionNames(value: object, names: Set<string>): void {
  for (const holder of reachableHolders(value)) {
    for (const name of Object.getOwnPropertyNames(holder)) {
      if (names.size === MOST_READ) return
      const isFunction = typeof Object.getOwnPropertyDescriptor(holder, name)?.value === 'function'
      if (isFunction && isReachableName(name)) names.add(name)
    }
  }
}

/** How many letters two names have in common from the start, small and capital letters alike. */
function sharedStart(left: string, right: string): number {
  let length = 0
  while (length < left.length && left[length]?.toLowerCase() === right[length]?.toLowerCase()) length++
  return length
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}
