import { ambiguousPackage, packageNotAdded } from '../errors.js'
import { parsePackageName } from '../names.js'

/** What must be known of a set to find it by a name. */
export interface RoutedSet {
  readonly key: string
  /** It has a package of this name, or will have it. */
  holds(name: string): boolean
}

/** The set that a call by a name is for, and the name that the package has there. */
export interface Route<S extends RoutedSet> {
  readonly set: S
  readonly name: string
}

/**
 * The set whose key is exactly this name, else the only one that holds it; the name as it was written goes before what
 * it stands for (`node:fs` and `fs`). Throws AMBIGUOUS_PACKAGE, PACKAGE_NOT_ADDED and INVALID_NAME.
 */
export function findRoute<S extends RoutedSet>(sets: ReadonlyMap<string, S>, given: string): Route<S> {
  const exact = sets.get(given)
  if (exact?.holds(given) === true) return { set: exact, name: given }
  for (const name of [given, parsePackageName(given, 'name').specifier]) {
    const whole = sets.get(name)
    if (whole?.holds(name) === true) return { set: whole, name }
    const holding = [...sets.values()].filter((set) => set.holds(name))
    if (holding.length > 1) {
      throw ambiguousPackage({ package: name, candidates: holding.map(({ key }) => key) })
    }
    if (holding[0] !== undefined) return { set: holding[0], name }
  }
  throw packageNotAdded({ package: given })
}
