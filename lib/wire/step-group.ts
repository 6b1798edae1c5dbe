/** Steps of one tick that must be carried out in one place, because they depend on each other. */
export class StepGroup<Home extends object = object> {
  home: Home | undefined
  count = 0
  /** Place of its last step among those of the tick. */
  last: number
  private into: StepGroup<Home> | undefined

  constructor(
    /** Place of its first step. */
    readonly first: number,
    readonly lane: object
  ) {
    this.last = first
  }

  /** Itself, or the group it has become part of. */
  get whole(): StepGroup<Home> {
    let whole = this.into
    if (whole === undefined) return this
    while (whole.into !== undefined) whole = whole.into
    return whole
  }

  get isPart(): boolean {
    return this.into !== undefined
  }

  /** Makes another group part of this one. */
  take(other: StepGroup<Home>): void {
    other.into = this
    this.count += other.count
    this.last = Math.max(this.last, other.last)
    this.home ??= other.home
  }
}

/**
 * Makes groups one whose steps alternate, so that all steps are carried out in the order in which they were written:
 * those of one lane, as far as they are at home in the same place.
 */
export function joinOverlapping<Home extends object>(groups: readonly StepGroup<Home>[]): StepGroup<Home>[] {
  const latest = new Map<object, StepGroup<Home>>()
  const standing: StepGroup<Home>[] = []
  for (const group of groups) {
    if (group.isPart) continue
    const before = latest.get(group.lane)
    const sameHome = before?.home === undefined || group.home === undefined || before.home === group.home
    if (before !== undefined && group.first < before.last && sameHome) {
      before.take(group)
    } else {
      standing.push(group)
      latest.set(group.lane, group)
    }
  }
  return standing
}
