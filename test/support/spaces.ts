import { spaceEntry } from '../../lib/space/entry.js'
import { livingChildren } from './children.js'

/** The processes of this one's spaces that are alive. */
export function livingSpaces(): number[] {
  return livingChildren()
    .filter(({ command }) => command.includes(spaceEntry))
    .map(({ pid }) => pid)
}

/** The most spaces that were alive at the same moment while something happened, looked at again and again. */
export async function mostSpacesDuring(happening: Promise<unknown>): Promise<number> {
  let most = 0
  const look = (): void => {
    most = Math.max(most, livingSpaces().length)
  }
  const timer = setInterval(look, 2)
  try {
    look()
    await happening
  } finally {
    clearInterval(timer)
  }
  return most
}
