import { moves } from '../space/movable.js'
import type { Caller, Home, Reference, Root, Step } from '../wire/chain.js'
import type { Script } from '../wire/script.js'
import { chainError } from './chain-errors.js'
import { joinWaiting } from './remote-errors.js'
import type { HeldPackage } from './package-key.js'

/** What it needs of a Replica, and of the set of that. */
export interface HomeSpace {
  readonly isThere: boolean
  readonly generation: number
  readonly news: { callbackFailed(failure: () => unknown): void }
  release(reference: Reference): void
}
export interface HomeSet {
  readonly key: string
  readonly packages: readonly HeldPackage[]
}

/** What a replica is for the references that lead to its space. */
export class ReplicaHome implements Home {
  readonly moves = moves

  constructor(
    private readonly replica: HomeSpace,
    private readonly set: HomeSet,
    readonly maxBytes: number,
    readonly caller: Caller,
    private readonly run: (script: Script) => void
  ) {}

  /** All replicas of a set share it, since chains may begin at the package, whichever of them has it. */
  get lane(): object {
    return this.set
  }

  get isOpen(): boolean {
    return this.replica.isThere
  }

  get generation(): number {
    return this.replica.generation
  }

  holds(root: Root): boolean {
    const isOurs = root.destination === this || root.destination.lane === this.set
    return isOurs && this.set.packages.some(({ as }) => as === root.name)
  }

  submit(script: Script): void {
    this.run(script)
  }

  errorFor(problem: unknown, step: Step): unknown {
    return chainError(problem, step, { key: this.set.key, generation: this.replica.generation })
  }

  located(error: unknown, trace: { stack?: string }): void {
    joinWaiting(error, trace)
  }

  unobserved(error: unknown): void {
    this.replica.news.callbackFailed(() => error)
  }

  release(reference: Reference): void {
    this.replica.release(reference)
  }
}
