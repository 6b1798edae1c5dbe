import { invalidArgument } from '../errors.js'
import { isSpacePoolError } from '../space-pool-error.js'
import { CallQueue } from './call-queue.js'
import type { HeldPackage } from './package-key.js'
import type { Replica } from './replica.js'
import type { Replicas } from './replicas.js'
import type { SetCalls } from './set-calls.js'

/** The set that grows. */
export interface GrowingSet {
  readonly key: string
  /** In the order in which they are loaded. */
  readonly packages: HeldPackage[]
  readonly replicas: Replicas
  readonly calls: SetCalls
  /** A package of this name is not going to be there. */
  forget(name: string): void
}

/** Loads more packages into the spaces of a set; their calls wait until they are there. */
export class PackageAdditions {
  private last: Promise<unknown> = Promise.resolve()
  /** Those that wait for a space. */
  private readonly waiting: { resolve: () => void; reject: (error: Error) => void }[] = []

  constructor(private readonly set: GrowingSet) {}

  /** How many wait for a space. */
  get length(): number {
    return this.waiting.length
  }

  /** Once the set is established; all of them, or none is in the set. Rejects with a public error. */
  async add(packages: readonly HeldPackage[], established: Promise<void>): Promise<void> {
    const more = packages.filter((held) => !this.hasAlready(held))
    if (more.length === 0) return
    const { calls } = this.set
    const { early } = calls.waiting
    const names = more.map(({ as }) => as).filter((as) => !early.has(as))
    for (const name of names) early.set(name, new CallQueue())
    const addition = Promise.all([established, this.last]).then(() => this.load(more))
    this.last = addition.catch(() => undefined)
    try {
      await addition
      for (const call of calls.waiting.takeEarly(names)) calls.place(call)
    } catch (error) {
      for (const name of names) this.set.forget(name)
      for (const call of calls.waiting.takeEarly(names)) calls.fail(call, error)
      throw error
    }
  }

  /** A space may be ready. */
  goOn(): void {
    if (this.waiting.length === 0 || this.set.replicas.ready.length === 0) return
    for (const { resolve } of this.waiting.splice(0)) resolve()
  }

  /** Nothing will come of waiting. */
  fail(error: Error): void {
    for (const { reject } of this.waiting.splice(0)) reject(error)
  }

  private hasAlready({ name, as, digest }: HeldPackage): boolean {
    const known = this.set.packages.find((held) => held.as === as)
    if (known === undefined) return false
    if (known.name === name && known.digest === digest) return true
    throw invalidArgument('packages', `another name than "${as}", which this set has for something else`, as)
  }

  private async load(packages: readonly HeldPackage[]): Promise<void> {
    const { set } = this
    const more = packages.filter((held) => !this.hasAlready(held))
    const seen = new Set<Replica>()
    let isLoaded = false
    for (;;) {
      // One at a time: meanwhile others may go, and others come.
      const { ready } = set.replicas
      const replica = ready.find((each) => !seen.has(each))
      if (replica === undefined) {
        if (isLoaded || ready.length > 0) break
        await this.oneReady(packages[0]?.as ?? set.key)
        continue
      }
      seen.add(replica)
      try {
        await replica.packages.load(more, false)
        isLoaded = true
      } catch (error) {
        if (!isOfReplaced(error)) throw error
      }
    }
    set.packages.push(...more)
    // Those that became ready meanwhile.
    for (const replica of set.replicas.loaded) await replica.packages.loadMissing()
  }

  private async oneReady(name: string): Promise<void> {
    const { replicas } = this.set
    if (replicas.ready.length > 0) return
    replicas.refuseWhenUnserved(name)
    await new Promise<void>((resolve, reject) => {
      this.waiting.push({ resolve, reject })
      replicas.wake()
    })
  }
}

/** Its space has been replaced while it loaded, by a reload or at a limit: the package goes to the one that follows. */
function isOfReplaced(error: unknown): boolean {
  if (!isSpacePoolError(error) || error.code !== 'ERR_SPACEPOOL_SPACE_STOPPED') return false
  return error.reason === 'recycle' || error.reason === 'memory'
}
