import type { Target } from './messages.js'
import { TARGET_LIMIT } from './protocol-limits.js'

/** What a step is of: a package, or what another step leads to, and the path from there. */
export interface StepTarget extends Target {
  readonly segments: readonly string[]
  /** In the table, or -1. */
  place: number
}

/** The sender's table of call targets, in step with the receiver's list. */
export class TargetTable {
  readonly targets: Target[] = []
  private places = new Map<Target, number>()
  private readonly ofSteps = new Map<string, Map<string, StepTarget>>()
  private stepCount = 0

  /** Where the target stands in the table, or -1. */
  find(target: Target): number {
    return this.places.get(target) ?? -1
  }

  add(target: Target): boolean {
    if (this.targets.length >= TARGET_LIMIT) return false
    this.places.set(target, this.targets.push(target) - 1)
    return true
  }

  /** The target of a step: always the same for the same package and path. Undefined where it is written out. */
  ofStep(packageName: string, path: readonly string[]): StepTarget | undefined {
    const count = path.length
    const key = count === 1 ? (path[0] as string) : path.join('.')
    let targets = this.ofSteps.get(packageName)
    const known = targets?.get(key)
    if (known !== undefined) return known.segments.length === count ? known : undefined
    if (this.stepCount >= TARGET_LIMIT || path.some(isSpecial)) return undefined
    targets ??= new Map<string, StepTarget>()
    this.ofSteps.set(packageName, targets)
    const target = { package: packageName, path: key, segments: [...path], place: -1 }
    targets.set(key, target)
    this.stepCount++
    return target
  }

  /** Takes back the targets added since the table had this many. */
  truncate(length: number): void {
    for (const target of this.targets.splice(length)) {
      this.places.delete(target)
      if ('place' in target) target.place = -1
    }
  }
}

/** A segment that a path in one text would not keep apart from others, or that is none to remember. */
function isSpecial(segment: string): boolean {
  return segment === '' || segment.length > LONGEST_NAME || segment.includes('.')
}

const LONGEST_NAME = 100
