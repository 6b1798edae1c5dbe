import { addPackage } from '../space/add-package.js'
import type { Space } from '../space/space.js'
import type { SetSettings } from '../settings.js'
import { Refusal } from '../wire/refusal.js'
import type { HeldPackage } from './package-key.js'
import type { ReplicaNews } from './replica-news.js'
import { loadingError, type LostSpace } from './space-loss.js'

/** The replica whose space holds the packages. */
export interface LoadingReplica {
  readonly space: Space | undefined
  readonly news: ReplicaNews
  /** As errors tell of it. */
  readonly lost: LostSpace
  /** Packages begin to load. */
  loading(): void
  /** They are through with that. */
  loaded(): void
}

/** The set whose packages are loaded. */
export interface LoadedSet {
  readonly settings: SetSettings
  readonly packages: readonly HeldPackage[]
  /** Packages that blocked the last space that was built, so that it had to be ended: the next one goes without them. */
  readonly blocking: Map<string, Error>
}

/** The packages of a set as one replica has them. */
export class ReplicaPackages {
  /** Packages that did not load when it was rebuilt: calls of them fail with this. */
  readonly failures = new Map<string, Error>()
  /** Names of the packages it holds, or has in `failures`. */
  private readonly loaded = new Set<string>()
  /** Loads that are under way. */
  private underWay = 0

  constructor(
    private readonly replica: LoadingReplica,
    private readonly set: LoadedSet,
    /** ms for each. */
    private readonly timeout: number
  ) {}

  /** Under which they are called. */
  get names(): string[] {
    return this.set.packages.map(({ as }) => as)
  }

  get isLoading(): boolean {
    return this.underWay > 0
  }

  /** Loads these. Rejects with a public error; `lenient`: what does not load is noted in `failures` instead. */
  async load(packages: readonly HeldPackage[], lenient: boolean): Promise<void> {
    this.underWay++
    this.replica.loading()
    try {
      for (const held of packages) await this.loadOne(held, lenient)
    } catch (error) {
      throw loadingError(this.replica.lost, error)
    } finally {
      this.underWay--
      this.replica.loaded()
    }
  }

  /** Loads what was added to the set after the replica was built. What does not load is noted in `failures`. */
  async loadMissing(): Promise<void> {
    try {
      await this.load(
        this.set.packages.filter(({ as }) => !this.loaded.has(as)),
        true
      )
    } catch (error) {
      this.replica.news.endedWhileLoading(error as Error)
    }
  }

  private async loadOne({ name, as, parameters }: HeldPackage, lenient: boolean): Promise<void> {
    const { blocking, settings } = this.set
    const known = blocking.get(as)
    // Tried again in the space after this one.
    if (lenient && blocking.delete(as)) return this.goWithout(name, as, known as Error)
    const load = { name, as, paths: settings.paths }
    const blocks = (refusal: Refusal): void => {
      if (lenient) blocking.set(as, loadingError(this.replica.lost, refusal))
    }
    try {
      await addPackage(this.replica.space as Space, load, parameters, this.timeout, blocks)
      this.loaded.add(as)
      this.failures.delete(as)
    } catch (error) {
      if (!lenient || !(error instanceof Refusal)) throw error
      this.goWithout(name, as, loadingError(this.replica.lost, error))
    }
  }

  private goWithout(name: string, as: string, failure: Error): void {
    this.loaded.add(as)
    this.failures.set(as, failure)
    this.replica.news.notLoaded(name, failure)
  }
}
