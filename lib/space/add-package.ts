import type { PackageLoad } from '../wire/messages.js'
import type { Packed } from '../wire/packed.js'
import { Refusal } from '../wire/refusal.js'
import { nobody } from './cancellation.js'
import type { Space } from './space.js'

/**
 * Loads a package into a space, within so many ms. Rejects with a Refusal, or with the SpaceEnd when the space ends
 * first. When it took longer, not before the space is through with it: what is blocked by that must not be taken for
 * ready. `blocks` is called before, with the same Refusal, when the space has to be ended for that.
 */
export function addPackage(
  space: Space,
  load: PackageLoad,
  parameters: Packed | null | undefined,
  timeout: number,
  blocks: (refusal: Refusal) => void = () => undefined
): Promise<void> {
  return new Promise((resolve, reject) => {
    let cancelTimeout = (): void => undefined
    const settle = (then: () => void): void => {
      cancelTimeout()
      then()
    }
    const id = space.request(
      { type: 'add', id: 0, load, parameters },
      {
        answered: () => settle(resolve),
        failed: (cause) =>
          settle(() => reject(new Refusal('PACKAGE_LOAD_FAILED', { package: load.name, cause }))),
        refused: (code, details) => settle(() => reject(new Refusal(code, details))),
        lost: () => settle(() => void space.ended.then(reject))
      }
    )
    cancelTimeout = space.schedule(timeout, () => {
      const refusal = new Refusal('PACKAGE_LOAD_FAILED', { package: load.name, timeout })
      space.cancel(id, { ...nobody, blocks: () => blocks(refusal), done: () => reject(refusal) })
    })
  })
}
