/**
 * Where a call, or a space, was when its space ended: the space was not ready yet (`starting`), it was loading a
 * package (`loading`), the call had not been sent (`queued`), it had been sent and may have run in part
 * (`written`), or nothing was going on (`idle`).
 */
export type SpacePhase = 'starting' | 'loading' | 'queued' | 'written' | 'idle'

/**
 * Why a space crashed:
 * - `exit`: it ended by itself, whatever its exit code
 * - `signal`: a signal ended it that spacepool did not send
 * - `protocol`: it sent what no space sends, and was ended
 * - `blocked`: it was ended because a call that had timed out or was aborted blocked its event loop
 * - `neighbour-timeout`: this call was in flight, or this package was loading, beside such a call
 * - `interrupted`: this call was in flight beside a call that was interrupted
 * - `unresponsive`: it did not answer in time
 * - `out-of-memory`: it needed more memory than it may have
 * - `start`: it ended before it was ready
 */
export type SpaceCrashCause =
  | 'exit'
  | 'signal'
  | 'protocol'
  | 'blocked'
  | 'neighbour-timeout'
  | 'interrupted'
  | 'unresponsive'
  | 'out-of-memory'
  | 'start'

/** Why a space was stopped on purpose. */
export type SpaceStopReason = 'evict' | 'remove' | 'recycle' | 'memory' | 'close'

/** Every code, with the properties that an error of this code has beside `message`, `stack` and `cause`. */
export interface SpacePoolErrorFields {
  /** An option is unknown, of a wrong type or of an impossible value. */
  ERR_SPACEPOOL_INVALID_OPTION: { option: string; expected: string; got: string }
  /** An argument of a method is of a wrong type or of an impossible value. */
  ERR_SPACEPOOL_INVALID_ARGUMENT: { argument: string; expected: string; got: string }
  /** A package cannot have this name, or this name may not be added. */
  ERR_SPACEPOOL_INVALID_NAME: { package: string; reason: string }
  /** No package of this name is in these folders. */
  ERR_SPACEPOOL_PACKAGE_NOT_FOUND: { package: string; paths: readonly string[] }
  /** A call names a package that no set holds. */
  ERR_SPACEPOOL_PACKAGE_NOT_ADDED: { package: string }
  /** The package threw while it was loaded (`cause` is what it threw), or took longer than `timeout` ms. */
  ERR_SPACEPOOL_PACKAGE_LOAD_FAILED: { package: string; timeout?: number | undefined }
  /** Several sets hold the package; `candidates` are their keys. */
  ERR_SPACEPOOL_AMBIGUOUS_PACKAGE: { package: string; candidates: readonly string[] }
  /** The set exists with another value of this option. */
  ERR_SPACEPOOL_SET_CONFLICT: { key: string; option: string }
  /** The path leads to no function of the package. `segment` is where it ends, `available` what is there. */
  ERR_SPACEPOOL_FUNCTION_NOT_FOUND: {
    package: string
    path: string
    segment?: string | undefined
    available?: readonly string[] | undefined
    reason?: string | undefined
  }
  /** The value at this place, such as `parameters[0].options.agent`, cannot go to another process. */
  ERR_SPACEPOOL_NOT_CLONEABLE: { place: string; reason: string }
  /**
   * The value at this place has more bytes than one value may have, or something in it more elements than one array,
   * object, Map or Set may have; or a chain has more steps or large binary values.
   */
  ERR_SPACEPOOL_TOO_LARGE: {
    place: string
    size: number
    limit: number
    unit?: 'elements' | 'steps' | 'attachments' | undefined
  }
  /** One space holds as many live callbacks as it may. */
  ERR_SPACEPOOL_TOO_MANY_CALLBACKS: { limit: number }
  /** The call was not answered within `timeout` ms. `remoteStack` is the code that blocked the space. */
  ERR_SPACEPOOL_CALL_TIMEOUT: {
    package: string
    path: string
    timeout: number
    key: string
    phase: 'queued' | 'written'
    remoteStack?: string | undefined
  }
  /** As many calls, or bytes, as may wait for this set are waiting. */
  ERR_SPACEPOOL_QUEUE_FULL: { key: string; limit: number; unit: 'calls' | 'bytes' }
  /** All spaces are taken; `holders` are the keys of the sets that have them. */
  ERR_SPACEPOOL_NO_ROOM: { key: string; waited: number; holders: readonly string[] }
  /** The process of a space could not be started, or it was not ready in time. */
  ERR_SPACEPOOL_SPACE_START_FAILED: {
    key?: string | undefined
    reason: string
    exitCode?: number | null | undefined
    signal?: string | null | undefined
    stderr?: string | undefined
  }
  /** A space ended unasked. Here `cause` is one of the words of `SpaceCrashCause`. */
  ERR_SPACEPOOL_SPACE_CRASHED: {
    phase: SpacePhase
    exitCode: number | null
    signal: string | null
    cause: SpaceCrashCause
    packages: readonly string[]
    generation: number
    key: string
    pid: number | null
    spaceId: number | null
    stderr: string
    remoteStack?: string | undefined
  }
  /** The space was stopped on purpose before it could answer. */
  ERR_SPACEPOOL_SPACE_STOPPED: { reason: SpaceStopReason; key: string }
  /** The spaces of this set crashed too often. The next attempt to start one is `retryAfter` ms away. */
  ERR_SPACEPOOL_SET_DOWN: { key: string; retryAfter?: number | undefined }
  /** A live object or function is no longer held by its process. */
  ERR_SPACEPOOL_REFERENCE_RELEASED: {
    key?: string | undefined
    generation?: number | undefined
    /** The chain whose intermediate result is gone. */
    chain?: string | undefined
  }
  /** As many objects and functions as may be are referred to between a space and the host. */
  ERR_SPACEPOOL_TOO_MANY_REFERENCES: { limit: number }
  /** A live object or function lives in another space than the one it was given to. */
  ERR_SPACEPOOL_REFERENCE_ELSEWHERE: { key?: string | undefined; owner?: string | undefined }
  /** The pool has been closed or destroyed. */
  ERR_SPACEPOOL_POOL_CLOSED: Record<never, never>
}

/** The stable codes of spacepool's errors. */
export type SpacePoolErrorCode = keyof SpacePoolErrorFields

/** Every error that spacepool itself makes. What a package throws reaches the caller as that error instead. */
export class SpacePoolError<Code extends SpacePoolErrorCode = SpacePoolErrorCode> extends Error {
  /** What happened, the same in every version. */
  readonly code: Code

  /** `fields` become own properties; those that are undefined are left out. */
  constructor(code: Code, message: string, fields: SpacePoolErrorFields[Code], options?: ErrorOptions) {
    super(message, options)
    this.code = code
    for (const [name, value] of Object.entries(fields)) {
      if (value !== undefined) Object.defineProperty(this, name, { value, ...OWN })
    }
  }
}

const OWN = { enumerable: true, writable: true, configurable: true }

Object.defineProperty(SpacePoolError.prototype, 'name', {
  ...OWN,
  value: 'SpacePoolError',
  enumerable: false
})

/** An error of one code with its fields, or of one of several codes, told apart by `error.code`. */
export type SpacePoolErrorOf<Code extends SpacePoolErrorCode> = Code extends SpacePoolErrorCode
  ? SpacePoolError<Code> & SpacePoolErrorFields[Code]
  : never

/** An error of this code, with the type of its fields. */
export function makeError<Code extends SpacePoolErrorCode>(
  code: Code,
  message: string,
  fields: SpacePoolErrorFields[Code],
  cause?: unknown
): SpacePoolErrorOf<Code> {
  const error = new SpacePoolError(code, message, fields, cause === undefined ? undefined : { cause })
  return error as SpacePoolErrorOf<Code>
}

/**
 * True for an error that spacepool made, and with a code only for one of that code, whose fields TypeScript then
 * knows: `if (isSpacePoolError(error, 'ERR_SPACEPOOL_QUEUE_FULL')) console.log(error.limit)`.
 */
export function isSpacePoolError<Code extends SpacePoolErrorCode = SpacePoolErrorCode>(
  error: unknown,
  code?: Code
): error is SpacePoolErrorOf<Code> {
  return error instanceof SpacePoolError && (code === undefined || error.code === code)
}
