/** What came of an iterator next, and whether there is no more. Each item crosses as a value of its own. */
export class Iterated {
  constructor(
    readonly items: readonly unknown[],
    readonly done: boolean
  ) {}
}
