import { findRoute, type Route, type RoutedSet } from './routes.js'

/** The sets of a pool: by their keys, and by the names that calls have for their packages. */
export class SetRegistry<S extends RoutedSet> {
  private readonly sets = new Map<string, S>()
  /** Names as users write them, with the set they lead to; emptied whenever a set comes, goes or grows. */
  private readonly routes = new Map<string, Route<S>>()

  get all(): readonly S[] {
    return [...this.sets.values()]
  }

  /** The set with this key. */
  get(key: string): S | undefined {
    return this.sets.get(key)
  }

  has(set: S): boolean {
    return this.sets.get(set.key) === set
  }

  enter(set: S): void {
    this.sets.set(set.key, set)
    this.routes.clear()
  }

  /** One that has gone already, and another one with its key come, changes nothing. */
  forget(set: S): void {
    if (this.has(set)) this.sets.delete(set.key)
    this.routes.clear()
  }

  /** Names may lead elsewhere than before. */
  forgetRoutes(): void {
    this.routes.clear()
  }

  /** Where this name has led before. */
  knownRoute(name: string): Route<S> | undefined {
    return this.routes.get(name)
  }

  /** Where this name leads. Throws AMBIGUOUS_PACKAGE, PACKAGE_NOT_ADDED and INVALID_NAME. */
  findRoute(name: string): Route<S> {
    const route = findRoute(this.sets, name)
    this.routes.set(name, route)
    return route
  }
}
