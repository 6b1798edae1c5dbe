import { randomBytes } from 'node:crypto'
import { errorFromRefusal, nameNotAllowed, packageNotAdded, poolClosed, setConflict } from '../errors.js'
import type { Announce } from '../events.js'
import type { Logger } from '../logger.js'
import { parsePackageName } from '../names.js'
import { conflictingOption, parsePackages, parseSetOptions } from '../options.js'
import type { PoolSettings, ProcessSettings } from '../settings.js'
import type { SpaceOwner } from '../space/space-owner.js'
import type { Space } from '../space/space.js'
import { now } from '../wire/clock.js'
import { proxyOfRoot } from '../wire/remote-proxy.js'
import { Refusal } from '../wire/refusal.js'
import { ContextOfCalls } from './caller.js'
import { Capacity } from './capacity.js'
import { defaultBounds, type Bounds, type PoolContext } from './context.js'
import { KeepAlive } from './keep-alive.js'
import { PackageRoot, rootOf } from './package-root.js'
import { PackageKeys, type HeldPackage } from './package-key.js'
import { RerunBudget } from './rerun-budget.js'
import { Room } from './room.js'
import type { Route } from './routes.js'
import { SetRegistry } from './set-registry.js'
import { SetSupervisor } from './set-supervisor.js'
import { Shutdown } from './shutdown.js'
import { SpaceStarts } from './space-starts.js'
import { Spares } from './spares.js'
import { Timetable } from './timetable.js'

/** The sets of one pool, what is done with them at request, and what they share. */
export class Supervisor {
  private readonly context: PoolContext
  private readonly sets = new SetRegistry<SetSupervisor>()
  private readonly establishing = new Map<SetSupervisor, Promise<void>>()
  /** Of packages that are used and not added yet. */
  private readonly lanes = new Map<string, object>()
  private readonly keys: PackageKeys
  private readonly timetable = new Timetable(now)
  private readonly keepAlive = new KeepAlive()
  private readonly starts: SpaceStarts
  private readonly capacity: Capacity
  private readonly spares: Spares
  private readonly budget = new RerunBudget()
  private readonly shutdown: Shutdown

  constructor(
    private readonly settings: PoolSettings,
    announce: Announce,
    logger: Logger,
    bounds: Partial<Bounds> = {}
  ) {
    const all = { ...defaultBounds, ...bounds }
    const { schedule } = this.timetable
    this.keys = new PackageKeys(randomBytes(16).toString('hex'), settings.maxBytes)
    this.starts = new SpaceStarts(settings, this.timetable, all.callbacks)
    this.capacity = new Capacity(
      { maxSpaces: settings.maxSpaces, warnAfter: all.roomWarning, giveUpAfter: all.room },
      new Room(this.sets, () => this.spares),
      schedule,
      logger
    )
    const start = (process: ProcessSettings, owner: SpaceOwner): Space => this.starts.start(process, owner)
    this.spares = new Spares(settings.spares, settings.process, () => this.capacity, start, schedule)
    this.context = {
      ...{ settings, bounds: all, clock: now, timetable: this.timetable, keepAlive: this.keepAlive },
      ...{ capacity: this.capacity, spares: this.spares, announce, logger },
      caller: new ContextOfCalls(settings.context),
      startSpace: start,
      closed: () => this.shutdown.hasBegun
    }
    this.shutdown = new Shutdown(this.sets, this.context, this.starts)
    this.spares.fill()
  }

  /** The set of these packages, made if there is none, when all of them are loaded. */
  async add(packages: unknown, options: unknown): Promise<SetSupervisor> {
    const held = this.hold(packages)
    const settings = parseSetOptions(options, this.settings)
    this.refuseWhenClosed()
    const key = this.keys.keyOf(held, settings)
    const known = this.sets.get(key)
    if (known === undefined) {
      return this.keepAlive.during(
        this.establish(new SetSupervisor(key, held, settings, this.context, this.budget))
      )
    }
    const option = conflictingOption(known.settings, settings)
    if (option !== undefined) throw setConflict({ key, option })
    await this.keepAlive.during(this.established(known))
    return known
  }

  /** Loads more packages into the spaces of a set. */
  async addTo(set: SetSupervisor, packages: unknown): Promise<void> {
    const held = this.hold(packages)
    this.refuseWhenGone(set)
    const adding = set.add(held, this.established(set))
    this.sets.forgetRoutes()
    try {
      await this.keepAlive.during(adding)
    } finally {
      this.sets.forgetRoutes()
    }
  }

  /** The set that a call by this name is for, and the name it has there. Once the pool closes no route is known. */
  route(name: string): Route<SetSupervisor> {
    const known = this.sets.knownRoute(name)
    if (known !== undefined) return known
    this.refuseWhenClosed()
    return this.sets.findRoute(name)
  }

  /** The name that a package has in this set. */
  nameIn(set: SetSupervisor, name: string): string {
    this.refuseWhenGone(set)
    return set.holds(name) ? name : parsePackageName(name, 'name').specifier
  }

  /** The root of chains that begin at a package: of this set, or of the one that a call by its name is for. */
  use(name: string, set?: SetSupervisor): object {
    const route = set === undefined ? () => this.route(name) : () => ({ set, name: this.nameIn(set, name) })
    const add = set === undefined ? () => this.add(name, undefined) : undefined
    const key = set?.key ?? null
    return proxyOfRoot(rootOf(name, new PackageRoot(name, key, this.context, route, add, this.lanes)))
  }

  async evict(set: SetSupervisor): Promise<void> {
    this.refuseWhenGone(set)
    await this.keepAlive.during(set.evict())
  }

  async reload(set: SetSupervisor): Promise<void> {
    this.refuseWhenGone(set)
    await this.keepAlive.during(this.established(set).then(() => set.replicas.reload()))
  }

  /** Removing what is gone already does nothing. */
  async remove(set: SetSupervisor): Promise<void> {
    this.sets.forget(set)
    await this.keepAlive.during(this.shutdown.endForgotten(set))
  }

  get all(): readonly SetSupervisor[] {
    return this.sets.all
  }

  get spareSpaces(): readonly Space[] {
    return this.spares.all.map(({ space }) => space)
  }

  /** Refuses new work, waits until nothing is pending, at most so many ms, and ends everything. */
  close(timeout: number): Promise<void> {
    this.sets.forgetRoutes()
    return this.shutdown.drain(timeout)
  }

  /** Ends everything at once. */
  destroy(): Promise<void> {
    this.sets.forgetRoutes()
    return this.shutdown.hurry()
  }

  private hold(packages: unknown): HeldPackage[] {
    const requests = parsePackages(packages)
    for (const { name } of requests) if (!this.settings.allow(name)) throw nameNotAllowed(name)
    try {
      return requests.map((request, index) => {
        const place = Array.isArray(packages) ? `packages[${index}]` : 'packages'
        return this.keys.hold(request, `${place}.parameters`)
      })
    } catch (error) {
      throw error instanceof Refusal ? errorFromRefusal(error.code, error.details) : error
    }
  }

  private async establish(set: SetSupervisor): Promise<SetSupervisor> {
    this.sets.enter(set)
    const establishing = set.replicas.establish()
    this.establishing.set(set, establishing)
    try {
      await establishing
    } catch (error) {
      // Calls that waited for it hear the same, and it is as if it had never been added.
      set.failWaiting(error as Error)
      this.sets.forget(set)
      void this.shutdown.endForgotten(set)
      throw error
    } finally {
      this.establishing.delete(set)
    }
    return set
  }

  private async established(set: SetSupervisor): Promise<void> {
    await this.establishing.get(set)
  }

  private refuseWhenClosed(): void {
    if (this.shutdown.hasBegun) throw poolClosed()
  }

  private refuseWhenGone(set: SetSupervisor): void {
    this.refuseWhenClosed()
    if (!this.sets.has(set)) throw packageNotAdded({ package: set.packages[0]?.as ?? set.key })
  }
}
