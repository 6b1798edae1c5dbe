/** Why one side refuses a request; the host adds `ERR_SPACEPOOL_` and makes the public error of it. */
export type RefusalCode = (typeof refusalCodes)[number]

export const refusalCodes = [
  'PACKAGE_NOT_FOUND',
  'PACKAGE_LOAD_FAILED',
  'PACKAGE_NOT_ADDED',
  'FUNCTION_NOT_FOUND',
  'NOT_CLONEABLE',
  'TOO_LARGE',
  'TOO_MANY_CALLBACKS',
  'QUEUE_FULL',
  'CANCELED',
  'REFERENCE_RELEASED',
  'REFERENCE_ELSEWHERE',
  'TOO_MANY_REFERENCES'
] as const

/**
 * A request that one side of a connection will not carry out. It crosses as its code and details only, so that the
 * space needs none of the wording of the public errors.
 */
export class Refusal extends Error {
  readonly #isRefusal = true

  constructor(
    readonly code: RefusalCode,
    readonly details: Record<string, unknown>
  ) {
    super(code)
  }

  /** Asked of whatever a program throws, which may be a proxy: none of its traps runs. */
  static override [Symbol.hasInstance](value: unknown): value is Refusal {
    return typeof value === 'object' && value !== null && #isRefusal in value
  }
}
