import { parseCallOptions, type CallOptions, type PackageSpec } from './options.js'
import { checkCall, checkName } from './call-arguments.js'
import type { Remote } from './remote.js'
import type { SetStats } from './stats.js'
import { joinStacks, throwJoined } from './supervision/remote-errors.js'
import type { SetSupervisor } from './supervision/set-supervisor.js'
import { setStats } from './supervision/statistics.js'
import type { Supervisor } from './supervision/supervisor.js'

/** The packages that one or more spaces hold together. `pool.add()` makes one; the same packages are the same set. */
export class PackageSet {
  readonly #set: SetSupervisor
  readonly #supervisor: Supervisor

  /** Made by the pool. */
  constructor(set: SetSupervisor, supervisor: Supervisor) {
    this.#set = set
    this.#supervisor = supervisor
  }

  /** Names this set in events, errors, logs and `stats()`. It never contains the value of a parameter. */
  get key(): string {
    return this.#set.key
  }

  /** The names under which its packages are called, those added later included. */
  get packages(): readonly string[] {
    return this.#set.packages.map(({ as }) => as)
  }

  /**
   * Loads more packages into the spaces of this set; they are loaded again at every rebuild. Rejects as `pool.add()`
   * does, and then the set is as before.
   */
  async add(packages: PackageSpec | readonly PackageSpec[]): Promise<this> {
    await this.#supervisor.addTo(this.#set, packages).catch(throwJoined)
    return this
  }

  /** As `pool.call()`, with a package of this set. */
  call<R = unknown>(
    name: string,
    path: string,
    parameters: readonly unknown[] = [],
    options?: CallOptions
  ): Promise<R> {
    try {
      checkCall(name, path, parameters)
      const known = this.#supervisor.nameIn(this.#set, name)
      const target = this.#set.target(known, path)
      const answer = this.#set.call(target, parameters, parseCallOptions(options)) as Promise<R>
      // Not awaited, as in `pool.call()`.
      return answer.then(undefined, throwJoined)
    } catch (error) {
      return Promise.reject(joinStacks(error))
    }
  }

  /** As `pool.use()`, with a package of this set. */
  use<T>(name: string): Remote<T> {
    checkName(name)
    return this.#supervisor.use(name, this.#set) as Remote<T>
  }

  /**
   * Stops its spaces now: calls in flight reject with SPACE_STOPPED, and the next call brings a space back with its
   * packages. What the packages had in memory is lost.
   */
  async evict(): Promise<void> {
    await this.#supervisor.evict(this.#set).catch(throwJoined)
  }

  /**
   * Starts new spaces, lets them take over, and stops the old ones when their calls are answered: for a package that
   * was updated on disk. No call fails, unless it takes more than 30 s. Rejects when a new space cannot be had; the
   * old ones then stay.
   */
  async reload(): Promise<void> {
    await this.#supervisor.reload(this.#set).catch(throwJoined)
  }

  /** Stops its spaces and forgets it. Calls that are pending reject with SPACE_STOPPED, later ones with PACKAGE_NOT_ADDED. */
  async remove(): Promise<void> {
    await this.#supervisor.remove(this.#set)
  }

  /** Counts as activity: the inactivity timeout of its spaces begins anew. */
  resetInactivity(): void {
    this.#set.resetInactivity()
  }

  stats(): SetStats {
    return setStats(this.#set)
  }
}
