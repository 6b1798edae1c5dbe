/** The right to one process within `maxSpaces`. It lasts until that process has ended. */
export class Place {
  /** `extra`: beside what it replaces, one over the limit. */
  constructor(readonly kind: 'ordinary' | 'extra') {}
}
