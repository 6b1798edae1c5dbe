import { packageNotAdded, poolClosed, spaceStopped } from '../errors.js'
import { parseCallOptions } from '../options.js'
import type { CallSettings, SetSettings } from '../settings.js'
import type { Target } from '../wire/messages.js'
import type { Script } from '../wire/script.js'
import type { CallSource } from './call-source.js'
import type { PoolContext } from './context.js'
import { PackageAdditions, type GrowingSet } from './package-additions.js'
import type { HeldPackage } from './package-key.js'
import { PendingCall } from './pending-call.js'
import type { Replica } from './replica.js'
import { Replicas } from './replicas.js'
import type { RerunBudget } from './rerun-budget.js'
import { SetCalls } from './set-calls.js'

/** Targets a set remembers; calls with further paths are as good, only slower. */
const TARGETS_KEPT = 1024

/** One set of packages: what it holds, its calls and the replicas that run them, until it is ended. */
export class SetSupervisor implements CallSource, GrowingSet {
  /** In the order in which they are loaded. */
  readonly packages: HeldPackage[]
  readonly replicas: Replicas
  readonly calls: SetCalls
  private readonly additions = new PackageAdditions(this)
  private readonly targets = new Map<string, Map<string, Target>>()
  private targetCount = 0

  constructor(
    readonly key: string,
    packages: readonly HeldPackage[],
    readonly settings: SetSettings,
    private readonly context: PoolContext,
    budget: RerunBudget
  ) {
    this.packages = [...packages]
    this.replicas = new Replicas(this, context)
    this.calls = new SetCalls(key, settings, this.replicas, context, budget)
  }

  /** Calls that wait for a space, or for their package. */
  get queued(): number {
    return this.calls.waiting.length
  }

  get waiting(): number {
    return this.queued + this.additions.length
  }

  get inFlight(): number {
    return this.replicas.all.reduce((sum, { inFlight }) => sum + inFlight, 0)
  }

  /** It has this package, or will have it. */
  holds(name: string): boolean {
    return this.packages.some(({ as }) => as === name) || this.calls.waiting.early.has(name)
  }

  /** The target for a function of a package of this set. Throws PACKAGE_NOT_ADDED. */
  target(name: string, path: string): Target {
    const known = this.targets.get(name)?.get(path)
    if (known !== undefined) return known
    if (!this.holds(name)) throw packageNotAdded({ package: name })
    const target: Target = { package: name, path }
    if (this.targetCount < TARGETS_KEPT) {
      this.targetCount++
      const paths = this.targets.get(name) ?? new Map<string, Target>()
      this.targets.set(name, paths.set(path, target))
    }
    return target
  }

  call(target: Target, parameters: unknown[], settings: CallSettings): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const timeout = settings.timeout ?? this.settings.callTimeout ?? Infinity
      const call = new PendingCall(this.calls, target, parameters, settings, timeout, resolve, reject)
      const context = this.context.caller.context()
      if (context !== undefined) call.contexts = [context]
      this.calls.admit(call)
    })
  }

  /** Carries out chains: in any space, or where their references are at home. */
  run(script: Script, home?: Replica): void {
    const [first] = script.steps
    const name = first?.base.kind === 'root' ? first.base.name : (this.packages[0]?.as ?? this.key)
    const target = { package: name, path: '' }
    const timeout = this.settings.callTimeout ?? Infinity
    const fail = (error: unknown): void => script.fail(error)
    this.calls.admit(new PendingCall(this.calls, target, [], noSettings, timeout, ignore, fail, script, home))
  }

  /** Loads more packages into the spaces of this set, once it is established; all of them, or none is in the set. */
  add(packages: readonly HeldPackage[], established: Promise<void>): Promise<void> {
    return this.additions.add(packages, established)
  }

  forget(name: string): void {
    this.targets.delete(name)
  }

  /** Ends its spaces; the next call brings them back. */
  async evict(): Promise<void> {
    await this.replicas.evict(this.replicas.all, 'request')
  }

  resetInactivity(): void {
    for (const replica of this.replicas.all) replica.touch()
  }

  /** Ends its spaces for good. */
  async end(reason: 'remove' | 'close'): Promise<void> {
    this.failWaiting(reason === 'close' ? poolClosed() : spaceStopped({ key: this.key, reason }))
    await this.replicas.end(reason)
  }

  kill(): void {
    this.failWaiting(poolClosed())
    this.replicas.kill()
  }

  dispatch(): void {
    this.additions.goOn()
    this.calls.dispatch()
    if (this.additions.length > 0) this.replicas.wake()
  }

  failWaiting(error: Error): void {
    this.additions.fail(error)
    this.calls.failWaiting(error)
  }

  failBound(slot: number, error: Error): void {
    this.calls.failBound(slot, error)
  }
}

const ignore = (): void => undefined
const noSettings = parseCallOptions(undefined)
