import { types } from 'node:util'

/** Whether it is an error, of any realm. Anything may be thrown: no trap of a proxy runs, and nothing is thrown here. */
export function isError(value: unknown): value is Error {
  if (types.isNativeError(value)) return true
  try {
    return !types.isProxy(value) && value instanceof Error
  } catch {
    return false
  }
}
