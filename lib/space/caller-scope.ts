import { AsyncResource } from 'node:async_hooks'
import type { Scope } from '../wire/scope.js'

/** The place in the program that is running, with all that its AsyncLocalStorages hold. */
export function callerScope(): Scope {
  return new AsyncResource('spacepool')
}
