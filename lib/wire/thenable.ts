/** A promise of what this settles to. Unlike `Promise.resolve` it never throws, whatever the thenable is made of. */
export function settled(thenable: unknown): Promise<unknown> {
  return new Promise((resolve) => resolve(thenable))
}

/** Whether `await` would wait for this value. Throws what its getter throws. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    typeof (value as { then?: unknown }).then === 'function'
  )
}
