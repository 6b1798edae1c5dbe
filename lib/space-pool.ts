import { checkCall, checkName } from './call-arguments.js'
import { Emitter } from './events.js'
import { createLogger } from './logger.js'
import {
  parseCallOptions,
  parseCloseOptions,
  parsePoolOptions,
  type CallOptions,
  type CloseOptions,
  type PackageSetOptions,
  type PackageSpec,
  type SpacePoolOptions
} from './options.js'
import { PackageSet } from './package-set.js'
import type { Remote } from './remote.js'
import type { PoolStats } from './stats.js'
import { joinStacks, throwJoined } from './supervision/remote-errors.js'
import type { SetSupervisor } from './supervision/set-supervisor.js'
import { poolStats } from './supervision/statistics.js'
import { Supervisor } from './supervision/supervisor.js'

/**
 * Runs installed packages in separate Node processes, called spaces. A pool keeps up to `maxSpaces` of them, one or
 * more for each set of packages, gives each call to one, ends those that are idle and replaces those that crash.
 *
 * Throws INVALID_OPTION when an option is unknown or wrong. No process is started before the first `add()`.
 */
export class SpacePool extends Emitter implements AsyncDisposable {
  readonly #supervisor: Supervisor
  readonly #sets = new WeakMap<SetSupervisor, PackageSet>()

  constructor(options?: SpacePoolOptions) {
    super()
    try {
      const settings = parsePoolOptions(options)
      this.#supervisor = new Supervisor(
        settings,
        (name, event) => this.announce(name, event),
        createLogger(settings.logger)
      )
    } catch (error) {
      throw joinStacks(error)
    }
  }

  /**
   * Loads packages into a space of their own and settles when all of them are loaded; calls made before that wait. The
   * same packages, in whatever order, are the same set: adding them again returns the same object.
   *
   * Rejects with INVALID_NAME, INVALID_ARGUMENT, INVALID_OPTION, PACKAGE_NOT_FOUND, PACKAGE_LOAD_FAILED, SET_CONFLICT
   * (the set exists with other options), NO_ROOM, SPACE_START_FAILED, SPACE_CRASHED (while loading) or POOL_CLOSED;
   * then nothing has been added.
   */
  async add(
    packages: PackageSpec | readonly PackageSpec[],
    options?: PackageSetOptions
  ): Promise<PackageSet> {
    const set = await this.#supervisor.add(packages, options).catch(throwJoined)
    const known = this.#sets.get(set)
    if (known !== undefined) return known
    const made = new PackageSet(set, this.#supervisor)
    this.#sets.set(set, made)
    return made
  }

  /**
   * Calls a function of a package that was added. `path` leads to it from the package's exports, by dots; `''` is the
   * package itself. A promise that it returns is awaited. Parameters and result cross by value, functions among the
   * parameters by reference.
   *
   * Rejects with what the function throws, or with an error of spacepool (README, "Errors").
   */
  call<R = unknown>(
    name: string,
    path: string,
    parameters: readonly unknown[] = [],
    options?: CallOptions
  ): Promise<R> {
    try {
      checkCall(name, path, parameters)
      const route = this.#supervisor.route(name)
      const target = route.set.target(route.name, path)
      const answer = route.set.call(target, parameters, parseCallOptions(options)) as Promise<R>
      // Not awaited here: one more async function takes a sixth of the host's time for a call (Node 20, 1024 in flight).
      return answer.then(undefined, throwJoined)
    } catch (error) {
      return Promise.reject(joinStacks(error))
    }
  }

  /**
   * A package to be used as if it were here: members, calls and `new` are noted, and sent together at the end of the
   * tick. Awaiting a chain gives its value, or a reference to what stays in the space. Adds the package when no set
   * holds it. What can go wrong rejects the chains that begin here; throws INVALID_ARGUMENT when the name is no string.
   */
  use<T>(name: string): Remote<T> {
    checkName(name)
    return this.#supervisor.use(name) as Remote<T>
  }

  /** How things are now: spaces, sets, calls. */
  stats(): PoolStats {
    return poolStats(this.#supervisor.all, this.#supervisor.spareSpaces)
  }

  /**
   * Refuses new work with POOL_CLOSED, waits for what is pending, and ends all spaces. What has not settled after
   * `timeout` ms (default 10 000) rejects with POOL_CLOSED. Closing again is the same promise.
   */
  async close(options?: CloseOptions): Promise<void> {
    const { timeout } = parseCloseOptions(options)
    await this.#supervisor.close(timeout)
  }

  /** Ends all spaces now; everything that is pending rejects with POOL_CLOSED. */
  async destroy(): Promise<void> {
    await this.#supervisor.destroy()
  }

  /** `await using pool = new SpacePool()` closes it at the end of the block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
