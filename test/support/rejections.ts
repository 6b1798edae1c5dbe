import { inspect } from 'node:util'
import { isSpacePoolError, type SpacePoolErrorCode, type SpacePoolErrorOf } from '../../lib/errors.js'

/** What a promise rejects with. It is an error when it does not. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  let value: unknown
  try {
    value = await promise
  } catch (error) {
    return error
  }
  throw new Error(`the promise was fulfilled, with ${inspect(value).slice(0, 200)}`)
}

/** The error of this code that a promise rejects with; anything else is thrown. */
export async function errorOf<Code extends SpacePoolErrorCode>(
  code: Code,
  promise: Promise<unknown>
): Promise<SpacePoolErrorOf<Code>> {
  const error = await rejectionOf(promise)
  if (isSpacePoolError(error, code)) return error
  throw error
}
