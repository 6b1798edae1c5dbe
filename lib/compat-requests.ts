/** What `singleSpace` is given. Other properties mean nothing to it, as this may be a part of a larger configuration. */
export interface SingleSpaceConfig {
  /**
   * ms without activity until the space is destroyed. Default 3 600 000; `Infinity` or 0: never. A request, one that
   * is in flight, and a callback that is called are activity.
   */
  readonly inactivityTimeout?: number | false | null | undefined
  /** Folders where packages are looked up. Default, as with `false`: the module paths of the embedding program. */
  readonly paths?: readonly string[] | false | null | undefined
}

/** What `add` asks for; its callback is given it back. */
export interface AddRequest {
  readonly id: number
  readonly package: string
  readonly parameters: readonly unknown[]
  readonly type: 'add'
  readonly paths: readonly string[]
}

/** What `call` asks for; its callback is given it back. */
export interface CallRequest {
  readonly id: number
  readonly package: string
  readonly parameters: readonly unknown[]
  readonly type: 'call'
  readonly function: string
  readonly promise: boolean
}

/**
 * Told what became of a request. `status` is true when the package and the function were found and executed: then
 * `response` is what the function returned or threw, or an array of what the package gave to a 'cb:N'. Else it is a
 * sentence. What it throws is an uncaught exception.
 */
export type RequestCallback<Request> = (request: Request, status: boolean, response: unknown) => void
