import type { SetSettings } from '../settings.js'
import type { Script } from '../wire/script.js'
import type { HeldPackage } from './package-key.js'
import type { Replica } from './replica.js'

/** Whose calls the replicas run. */
export interface CallSource {
  readonly key: string
  readonly settings: SetSettings
  readonly packages: readonly HeldPackage[]
  /** Calls, and additions of packages, that wait for a replica. */
  readonly waiting: number
  /** A replica can take calls. */
  dispatch(): void
  /** Carries out chains where their references are at home. */
  run(script: Script, home: Replica): void
  /** Nothing will come of what waits. */
  failWaiting(error: Error): void
  /** Nothing will come of what waits for the replica in this slot alone. */
  failBound(slot: number, error: Error): void
}
