/** Turns of the microtasks that a generator takes for an item it has. */
const TURNS = 4
const nothing = Promise.resolve()

/** What a promise settles to, when it does within a turn of the event loop. */
export async function soon<T>(promise: Promise<T>): Promise<T | undefined> {
  let settled: { value: T } | undefined
  promise.then(
    (value) => (settled = { value }),
    () => undefined
  )
  for (let turn = 0; turn < TURNS && settled === undefined; turn++) await nothing
  if (settled !== undefined) return settled.value
  return Promise.race([promise, new Promise<undefined>((resolve) => setImmediate(() => resolve(undefined)))])
}
