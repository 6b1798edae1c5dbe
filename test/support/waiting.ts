import type { Emitter, SpacePoolEventName, SpacePoolEvents } from '../../lib/events.js'

/** ms; less than what mocha gives a test. */
const PATIENCE = 30_000
/** ms between two looks at the clock that timers make. */
const STEP = 10

/** The next event of this name that meets the condition. */
export function nextEvent<Name extends SpacePoolEventName>(
  pool: Emitter,
  name: Name,
  meets: (event: SpacePoolEvents[Name]) => boolean = () => true
): Promise<SpacePoolEvents[Name]> {
  return new Promise((resolve) => {
    const listener = (event: SpacePoolEvents[Name]): void => {
      if (!meets(event)) return
      pool.off(name, listener as Parameters<typeof pool.off<Name>>[1])
      resolve(event)
    }
    pool.on(name, listener as Parameters<typeof pool.on<Name>>[1])
  })
}

/** Looks until the condition holds; throws, and says which it was, when it never does. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + PATIENCE
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not within ${PATIENCE} ms: ${String(condition)}`)
    await pause(2)
  }
}

/**
 * What a promise settles to, provided that it settles within so many ms as timers of this process count them, one
 * after the other: those are as late as everything else where the machine is busy or this process stood still.
 */
export async function within<Value>(milliseconds: number, promise: Promise<Value>): Promise<Value> {
  let settled = false
  const counting = (async () => {
    for (let passed = 0; passed < milliseconds && !settled; passed += STEP) await pause(STEP)
    if (!settled) throw new Error(`it was not over within ${milliseconds} ms`)
  })()
  try {
    await Promise.race([promise, counting])
  } finally {
    settled = true
  }
  return promise
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
