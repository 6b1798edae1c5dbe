import type { AsyncLocalStorage } from 'node:async_hooks'

/**
 * For packages in a space: what the option `context` of the pool gave for the call that is running, also in callbacks,
 * timers and promises that it has started. Undefined without that, and outside of spaces. The same for everything of one
 * call.
 */
export function current<T = unknown>(): T | undefined {
  const storage = (globalThis as Record<symbol, unknown>)[Symbol.for('spacepool.context')]
  return (storage as AsyncLocalStorage<T> | undefined)?.getStore()
}
