import type { Emitter, SpacePoolEventName, SpacePoolEvents } from '../../lib/events.js'

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

/** Looks until the condition holds; throws when it does not within so many milliseconds. */
export async function until(condition: () => boolean, milliseconds = 2000): Promise<void> {
  const deadline = performance.now() + milliseconds
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not within ${milliseconds} ms: ${String(condition)}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
