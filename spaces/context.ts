import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks'
import type { Scope } from '../lib/wire/scope.js'

/** Where `spacepool/context` looks for it. */
const KEY = Symbol.for('spacepool.context')

/** Made with the first context that comes: it makes promises slower. */
let storage: AsyncLocalStorage<unknown> | undefined

/** A place where this context is there. */
export function scopeIn(context: unknown): Scope {
  storage ??= publish(new AsyncLocalStorage())
  const within = storage
  return {
    runInAsyncScope: (action, receiver, ...parameters) =>
      within.run(context, () => Reflect.apply(action, receiver, parameters))
  }
}

/** The place in the program that is running, once there are contexts. */
export function scopeNow(): Scope | undefined {
  return storage === undefined ? undefined : new AsyncResource('spacepool')
}

function publish(made: AsyncLocalStorage<unknown>): AsyncLocalStorage<unknown> {
  Object.defineProperty(globalThis, KEY, { value: made })
  return made
}
