import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { setImmediate as turn } from 'node:timers/promises'

setFlagsFromString('--expose-gc')
/** Collects garbage now; what is registered for it runs in a later turn. */
export const collect = runInNewContext('gc') as () => void

/** Collects garbage, turn by turn, until the condition is true; what is registered for it runs in between. */
export async function collectUntil(condition: () => boolean): Promise<void> {
  for (let round = 0; !condition(); round++) {
    if (round === 200) throw new Error('it was not collected')
    // What the condition looked at through a WeakRef is kept until the end of its turn.
    await turn()
    collect()
    await turn()
  }
}
