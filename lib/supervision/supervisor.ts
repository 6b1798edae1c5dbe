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
import { findRoute, type Route } from './routes.js'
import { SetSupervisor } from './set-supervisor.js'
import { SpaceStarts } from './space-starts.js'
import { Spares } from './spares.js'
import { Timetable } from './timetable.js'

/** The sets of one pool: which there are, which one a call is for, and what they share. */
export class Supervisor {
  readonly context: PoolContext
  private readonly sets = new Map<string, SetSupervisor>()
  private readonly establishing = new Map<SetSupervisor, Promise<void>>()
  /** Names as users write them, with the set they lead to; emptied whenever a set comes, goes or grows. */
  private readonly routes = new Map<string, Route<SetSupervisor>>()
  /** Of packages that are used and not added yet. */
  private readonly lanes = new Map<string, object>()
  private readonly keys: PackageKeys
  private readonly timetable = new Timetable(now)
  private readonly keepAlive = new KeepAlive()
  private readonly starts: SpaceStarts
  private readonly capacity: Capacity
  private readonly spares: Spares
  private readonly budget = new RerunBudget()
  /** Sets that are forgotten already, while their spaces end. */
  private readonly leaving = new Map<SetSupervisor, Promise<void>>()
  private state: 'open' | 'closing' | 'closed' = 'open'
  private closing: Promise<void> | undefined
  private stopWaiting: () => void = () => undefined

  constructor(
    readonly settings: PoolSettings,
    private readonly announce: Announce,
    private readonly logger: Logger,
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
      closed: () => this.state !== 'open'
    }
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
    this.routes.clear()
    try {
      await this.keepAlive.during(adding)
    } finally {
      this.routes.clear()
    }
  }

  /** The set that a call by this name is for, and the name it has there. */
  route(name: string): Route<SetSupervisor> {
    const known = this.routes.get(name)
    if (known !== undefined) return known
    this.refuseWhenClosed()
    const route = findRoute(this.sets, name)
    this.routes.set(name, route)
    return route
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
    const report = (error: unknown): void => {
      this.announce('error', { error, key: set?.key ?? null, id: null })
      this.logger.error({ err: error, package: name }, 'a chain failed that nobody awaits')
    }
    const destination = new PackageRoot(
      name,
      this.settings.maxBytes,
      route,
      add,
      report,
      this.lanes,
      this.context.caller
    )
    return proxyOfRoot(rootOf(name, destination))
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
    this.forget(set)
    await this.keepAlive.during(this.endForgotten(set))
  }

  get all(): readonly SetSupervisor[] {
    return [...this.sets.values()]
  }

  get spareSpaces(): readonly Space[] {
    return this.spares.all.map(({ space }) => space)
  }

  /** Refuses new work, waits until nothing is pending, at most so many ms, and ends everything. */
  close(timeout: number): Promise<void> {
    this.closing ??= this.drainAndEnd(timeout)
    return this.closing
  }

  /** Ends everything at once. */
  destroy(): Promise<void> {
    this.closing ??= this.drainAndEnd(0)
    this.stopWaiting()
    this.killSets()
    return this.closing
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
    this.sets.set(set.key, set)
    this.routes.clear()
    const establishing = set.replicas.establish()
    this.establishing.set(set, establishing)
    try {
      await establishing
    } catch (error) {
      // Calls that waited for it hear the same, and it is as if it had never been added.
      set.failWaiting(error as Error)
      this.forget(set)
      void this.endForgotten(set)
      throw error
    } finally {
      this.establishing.delete(set)
    }
    return set
  }

  private async established(set: SetSupervisor): Promise<void> {
    await this.establishing.get(set)
  }

  private forget(set: SetSupervisor): void {
    if (this.sets.get(set.key) === set) this.sets.delete(set.key)
    this.routes.clear()
  }

  private async endForgotten(set: SetSupervisor): Promise<void> {
    const ending = set.end('remove')
    this.leaving.set(set, ending)
    await ending
    this.leaving.delete(set)
  }

  private refuseWhenClosed(): void {
    if (this.state !== 'open') throw poolClosed()
  }

  private refuseWhenGone(set: SetSupervisor): void {
    this.refuseWhenClosed()
    if (this.sets.get(set.key) !== set) throw packageNotAdded({ package: set.packages[0]?.as ?? set.key })
  }

  private async drainAndEnd(timeout: number): Promise<void> {
    this.state = 'closing'
    this.routes.clear()
    const deadline = now() + timeout
    await Promise.race([this.keepAlive.idle(), new Promise<void>((resolve) => this.wait(timeout, resolve))])
    const failed = this.all.reduce((sum, set) => sum + set.inFlight + set.queued, 0)
    this.capacity.close()
    this.spares.close()
    const ends = [
      ...this.all.map((set) => set.end('close')),
      ...this.spareSpaces.map((space) => space.stop()),
      ...this.leaving.values()
    ]
    const ended = Promise.all(ends)
    this.starts.giveUp()
    if (failed > 0 || timeout === 0) this.killAll()
    else this.timetable.schedule(Math.max(0, deadline - now()), () => this.killAll())
    await this.keepAlive.during(ended)
    this.state = 'closed'
    this.timetable.clear()
    this.starts.close()
    this.keepAlive.close()
    this.announce('close', { failed })
    this.logger.info({ failed }, 'pool closed')
  }

  /** The wait of `close`, which `destroy` ends. */
  private wait(timeout: number, then: () => void): void {
    const cancel = this.timetable.schedule(timeout, then)
    this.stopWaiting = () => {
      cancel()
      then()
    }
  }

  private killSets(): void {
    for (const set of [...this.sets.values(), ...this.leaving.keys()]) set.kill()
  }

  private killAll(): void {
    this.killSets()
    for (const space of this.spareSpaces) space.kill()
  }
}
