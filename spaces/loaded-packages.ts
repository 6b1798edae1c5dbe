import { findFunction, type FoundFunction } from '../lib/wire/find-function.js'
import type { Add } from '../lib/wire/messages.js'
import { Refusal } from '../lib/wire/refusal.js'
import { bothSides, findOnEither, type TwoSided } from './find-on-either.js'
import { instantiate } from './instantiate.js'
import { loadPackage } from './load-package.js'

/** The packages of this space, under the names that calls use. */
export class LoadedPackages {
  private readonly roots = new Map<string, unknown>()
  /** Those of them that are used both as exported and as an instance. */
  private readonly twoSided = new Map<string, TwoSided>()

  /** Loads one, and instantiates it where it should be. Rejects with a Refusal, or with what the package throws. */
  async add({ load, parameters }: Add): Promise<void> {
    const exported = await loadPackage(load)
    const asExported = parameters === undefined || parameters === null
    const root = asExported ? exported : await instantiate(exported, parameters as unknown[], load.name)
    const sides = parameters === null ? await bothSides(exported, load.name) : undefined
    if (sides !== undefined) this.twoSided.set(load.as, sides)
    this.roots.set(load.as, root)
  }

  /** What the package is: what it exports, or its instance. Throws a Refusal. */
  root(name: string): unknown {
    const root = this.roots.get(name)
    if (root === undefined && !this.roots.has(name)) {
      throw new Refusal('PACKAGE_NOT_ADDED', { package: name })
    }
    return root
  }

  /** The function of the package that this path leads to. Throws a Refusal. */
  find(name: string, segments: readonly string[]): FoundFunction {
    const root = this.root(name)
    const sides = this.twoSided.size === 0 ? undefined : this.twoSided.get(name)
    return sides === undefined ? findFunction(root, name, segments) : findOnEither(sides, name, segments)
  }
}
