import { createHash } from 'node:crypto'
import type { PackageRequest, SetSettings } from '../settings.js'
import { callerScope } from '../space/caller-scope.js'
import { pack, type Packed } from '../wire/packed.js'

/** What stands between the parts of a key. */
const separators = /[\s"#]|:(?=[\\/])/

/** A package of a set, with its parameters as they were when it was added: so they are at every rebuild. */
export interface HeldPackage {
  readonly name: string
  readonly as: string
  readonly parameters: Packed | undefined
  /** Of the parameters; empty without. */
  readonly digest: string
}

/** Makes keys. The salt is the pool's own, so that a key that is logged tells nothing of a parameter's value. */
export class PackageKeys {
  private readonly functions = new WeakMap<object, number>()
  private functionCount = 0

  constructor(
    private readonly salt: string,
    private readonly limit: number
  ) {}

  /** Throws a Refusal when parameters cannot cross; `place` is what it calls them. */
  hold({ name, as, parameters }: PackageRequest, place = 'parameters'): HeldPackage {
    if (parameters === undefined) return { name, as, parameters: undefined, digest: '' }
    const packed = pack([...parameters], place, this.limit).own()
    if (packed.functions.length > 0) packed.scope = callerScope()
    return { name, as, parameters: packed, digest: this.digestOf(packed) }
  }

  /** Sorted names and aliases, a digest of parameters where there are some, and of `paths` where the set has its own. */
  keyOf(packages: readonly HeldPackage[], settings: SetSettings): string {
    const names = packages.map(({ name, as, digest }) => {
      const called = as === name ? quoted(name) : `${quoted(name)} as ${quoted(as)}`
      return digest === '' ? called : `${called}#${digest}`
    })
    const key = names.sort().join(' + ')
    return settings.given.includes('paths') ? `${key} in ${settings.paths.map(quoted).join(':')}` : key
  }

  /** Functions count by identity. */
  private digestOf(parameters: Packed): string {
    const hash = createHash('sha256').update(this.salt).update(parameters.bytes)
    for (const attachment of parameters.attachments) hash.update(attachment)
    for (const each of parameters.functions) hash.update(`,${this.numberOf(each)}`)
    return hash.digest('hex').slice(0, 12)
  }

  private numberOf(each: object): number {
    const known = this.functions.get(each)
    if (known !== undefined) return known
    this.functions.set(each, this.functionCount)
    return this.functionCount++
  }
}

/** Paths may hold what stands between the parts of a key; then no other key reads the same. */
function quoted(part: string): string {
  return separators.test(part) ? JSON.stringify(part) : part
}
