import type { Emitter } from '../../lib/events.js'
import { spaceEntry } from '../../lib/space/entry.js'
import { livingChildren } from './children.js'

/** The processes of this one's spaces that are alive. */
export function livingSpaces(): number[] {
  return livingChildren()
    .filter(({ command }) => command.includes(spaceEntry))
    .map(({ pid }) => pid)
}

/**
 * The most spaces that were alive at the same moment while something happened, looked at again and again, and whenever
 * one of this pool is ready.
 */
export async function mostSpacesDuring(happening: Promise<unknown>, pool?: Emitter): Promise<number> {
  let most = 0
  const look = (): void => {
    most = Math.max(most, livingSpaces().length)
  }
  const timer = setInterval(look, 2)
  pool?.on('spaceReady', look)
  try {
    look()
    await happening
  } finally {
    clearInterval(timer)
    pool?.off('spaceReady', look)
  }
  return most
}
