import { isDeepStrictEqual } from 'node:util'
import type { ProcessSettings } from '../settings.js'
import { nobody, type SpaceOwner } from '../space/space-owner.js'
import type { Space } from '../space/space.js'
import type { Capacity } from './capacity.js'
import type { Place } from './place.js'

/** A blank space with its place. */
export interface Spare {
  readonly space: Space
  readonly place: Place
}

/** ms until a spare that ended by itself is replaced; whatever ended it may still be there. */
const PAUSE = 1000

/**
 * ms until a spare that was taken is replaced. To start a process takes the host 3 ms and a core 40, in which the set that
 * took the spare loads its packages: with a builtin 12.3 ms when it is replaced in the next turn, 2.7 after this time
 * (`npm run bench -- spare`, Node 24, on a busy machine in turns).
 */
const REPLACE_AFTER = 20

/** Keeps blank spaces ready, within the capacity, for sets that run with the process options of the pool. */
export class Spares {
  private readonly spares: Spare[] = []
  private filling = false
  private closed = false

  constructor(
    private readonly wanted: number,
    private readonly process: ProcessSettings,
    private readonly capacity: () => Capacity,
    private readonly start: (process: ProcessSettings, owner: SpaceOwner) => Space,
    private readonly schedule: (ms: number, then: () => void) => void
  ) {}

  /** All that there are, for those who count. */
  get all(): readonly Spare[] {
    return this.spares
  }

  /** A spare that such a process would be; the oldest, which is the readiest. Another one is started soon. */
  take(process: ProcessSettings): Spare | undefined {
    if (this.spares.length === 0 || !isDeepStrictEqual(process, this.process)) return undefined
    const place = this.spares.findIndex(({ space }) => space.state === 'starting' || space.state === 'ready')
    const spare = place < 0 ? undefined : this.spares.splice(place, 1)[0]
    this.schedule(REPLACE_AFTER, () => this.fill())
    return spare
  }

  /** Gives one up, because a set has nothing else; false when there is none. */
  giveUp(): boolean {
    const spare = this.spares.pop()
    if (spare === undefined) return false
    spare.space.kill()
    return true
  }

  /** Starts what is missing, as far as nobody needs the room. */
  fill(): void {
    if (this.filling || this.closed || this.spares.length >= this.wanted) return
    if (this.capacity().free === 0) return
    this.filling = true
    this.capacity()
      .acquire('spare')
      .then((place) => this.add(place))
      .catch(() => undefined)
      .finally(() => {
        this.filling = false
        this.fill()
      })
  }

  close(): void {
    this.closed = true
    for (const { space } of this.spares) void space.stop()
  }

  private add(place: Place): void {
    // Closed while it waited for the place, which may have been lent just before.
    if (this.closed) return this.capacity().release(place)
    const spare: Spare = { place, space: this.start(this.process, nobody) }
    this.spares.push(spare)
    void spare.space.ended.then((end) => {
      const index = this.spares.indexOf(spare)
      if (index < 0 && spare.space.owner !== nobody) return
      if (index >= 0) this.spares.splice(index, 1)
      this.capacity().release(place)
      if (end.cause !== undefined) this.schedule(PAUSE, () => this.fill())
    })
  }
}
