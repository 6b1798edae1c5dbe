/** A place in a program: what runs in it finds in an AsyncLocalStorage what was there at that place. */
export interface Scope {
  /** As that of an AsyncResource, which is one. */
  runInAsyncScope<Result>(
    action: (...parameters: unknown[]) => Result,
    receiver?: unknown,
    ...parameters: unknown[]
  ): Result
}
