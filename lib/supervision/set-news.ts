import type { SpaceCrashCause } from '../errors.js'
import type { SpaceEvictEvent } from '../events.js'
import type { HeldPackage } from './package-key.js'
import type { PoolContext } from './context.js'
import type { Replica } from './replica.js'

/** What happens to the spaces of a set together, as events and the log tell it. */
export class SetNews {
  /** How many were told. */
  evictions = 0

  constructor(
    private readonly set: { readonly key: string; readonly packages: readonly HeldPackage[] },
    private readonly context: PoolContext
  ) {}

  /** A space of this generation is started after so many ms in the place of one that crashed. */
  restarting(generation: number, cause: SpaceCrashCause, backoff: number): void {
    this.context.announce('spaceRestart', { ...this.identity, generation, cause, backoff })
  }

  evicting(replica: Replica, reason: SpaceEvictEvent['reason']): void {
    const { identity, idleFor } = replica
    this.evictions++
    this.context.announce('spaceEvict', { ...identity, reason, idle: idleFor, stateLost: true })
  }

  down(restarts: number, retryAfter: number): void {
    const { key } = this.set
    this.context.announce('setDown', { ...this.identity, restarts, retryAfter })
    this.context.logger.error(
      { key, restarts, retryAfter },
      'the spaces of a set crashed too often, it is down'
    )
  }

  up(generation: number): void {
    this.context.announce('setUp', { ...this.identity, generation })
  }

  notReplaced(error: unknown): void {
    this.context.logger.error({ err: error, key: this.set.key }, 'a space could not be replaced, it stays')
  }

  private get identity(): { key: string; packages: string[] } {
    return { key: this.set.key, packages: this.set.packages.map(({ as }) => as) }
  }
}
