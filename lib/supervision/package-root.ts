import { isSpacePoolError } from '../errors.js'
import { moves } from '../space/movable.js'
import { Root, type Caller, type Destination, type Step } from '../wire/chain.js'
import type { Script } from '../wire/script.js'
import { chainError } from './chain-errors.js'
import type { PoolContext } from './context.js'
import { joinWaiting } from './remote-errors.js'
import type { SetSupervisor } from './set-supervisor.js'

/** Where a package is, as far as it is known. */
export interface PackageRoute {
  readonly set: SetSupervisor
  /** The name it has there. */
  readonly name: string
}

/** What it needs of its pool. */
export type RootContext = Pick<PoolContext, 'settings' | 'caller' | 'announce' | 'logger'>

/** The base of chains that begin at a package. */
export function rootOf(name: string, destination: PackageRoot): Root {
  const root = new Root(name, destination)
  destination.root = root
  return root
}

/** Where chains go that begin at a package: to the set that holds it, which is added when there is none. */
export class PackageRoot implements Destination {
  root: Root | undefined
  readonly moves = moves
  readonly maxBytes: number
  readonly caller: Caller

  constructor(
    private readonly name: string,
    /** Of the set, if it is to be a certain one. */
    private readonly key: string | null,
    private readonly context: RootContext,
    /** Throws PACKAGE_NOT_ADDED when there is no such set. */
    private readonly route: () => PackageRoute,
    /** Adds it. Without this it is an error when it is not there. */
    private readonly add: (() => Promise<unknown>) | undefined,
    /** For packages that are in no set yet, by their names. */
    private readonly lanes: Map<string, object>
  ) {
    this.maxBytes = context.settings.maxBytes
    this.caller = context.caller
  }

  get lane(): object {
    try {
      return this.found().replicas
    } catch {
      const lane = this.lanes.get(this.name) ?? this
      this.lanes.set(this.name, lane)
      return lane
    }
  }

  submit(script: Script): void {
    // What this tick noted of it stays together; from now on it is in a set, or will be looked for again.
    this.lanes.delete(this.name)
    try {
      this.found().run(script)
    } catch (error) {
      const isMissing = isSpacePoolError(error, 'ERR_SPACEPOOL_PACKAGE_NOT_ADDED')
      if (isMissing && this.add !== undefined) this.addAndRun(script, this.add())
      else script.fail(error)
    }
  }

  errorFor(problem: unknown, step: Step): unknown {
    return chainError(problem, step, { key: this.name })
  }

  located(error: unknown, trace: { stack?: string }): void {
    joinWaiting(error, trace)
  }

  unobserved(error: unknown): void {
    this.context.announce('error', { error, key: this.key, id: null, dropped: 0 })
    this.context.logger.error({ err: error, package: this.name }, 'a chain failed that nobody awaits')
  }

  /** A set that is being added takes what it is to do then; one that cannot be added is known by its error. */
  private addAndRun(script: Script, adding: Promise<unknown>): void {
    try {
      this.found().run(script)
      adding.catch(() => undefined)
    } catch {
      adding.then(
        () => this.submit(script),
        (error: unknown) => script.fail(error)
      )
    }
  }

  private found(): SetSupervisor {
    const { set, name } = this.route()
    if (this.root !== undefined) this.root.name = name
    return set
  }
}
