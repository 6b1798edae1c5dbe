import type { Call } from './compat-call.js'
import type { Space } from './space/space.js'
import type { PackageLoad, Target } from './wire/messages.js'
import type { Packed } from './wire/packed.js'
import type { Refusal } from './wire/refusal.js'

/** A call that has not left this process, its parameters as they were when it was made. */
export interface WaitingCall {
  readonly call: Call
  readonly target: Target
  readonly parameters: Packed
  /** What it counts for in the bound on what waits. Bytes. */
  readonly size: number
}

/** Targets of either kind that are remembered; calls of further functions are as good, only slower. */
const TARGETS_KEPT = 512

/** A package of the space, with what each new process of it needs to load it again, and the calls that wait for it. */
export class AddedPackage {
  /** Settles when it is loaded for the first time. */
  addition: Promise<void> | undefined
  /** The one that has it. */
  loadedIn: Space | undefined
  /** Why the space has it no more, though it was added: it did not load again after a crash. */
  failure: Refusal | undefined
  readonly waiting: WaitingCall[] = []
  private readonly targets = new Map<string, Target>()
  private readonly silentTargets = new Map<string, Target>()

  constructor(
    readonly load: PackageLoad,
    /** Null: none, so it is both as exported and instantiated. */
    readonly parameters: Packed | null
  ) {}

  /** `silent`: only the callbacks among the parameters answer, so the result need not cross. */
  target(path: string, silent: boolean): Target {
    const targets = silent ? this.silentTargets : this.targets
    const known = targets.get(path)
    if (known !== undefined) return known
    const target: Target = { package: this.load.as, path, silent }
    if (targets.size < TARGETS_KEPT) targets.set(path, target)
    return target
  }
}
