import { createPool, type Pool } from 'generic-pool'
import { noRoom, poolClosed } from '../errors.js'
import type { Logger } from '../logger.js'
import type { Schedule } from '../space/schedule.js'
import { Place } from './place.js'

/** Where room can come from. */
export interface RoomSource {
  /** Begins to end a space that can be spared for this set; false when there is none. */
  makeRoom(forKey: string): boolean
  /** The keys of the sets that have spaces. */
  holders(): string[]
}

export interface CapacitySettings {
  readonly maxSpaces: number
  /** ms after which the log names those who have the room. */
  readonly warnAfter: number
  /** ms after which a set gives up. */
  readonly giveUpAfter: number
}

/** ms */
const ASK_EVERY = 250

/**
 * Bounds the spaces of a pool. generic-pool lends the places: it counts them, queues those who wait, in order, and
 * times them out. It lends any resource to anybody, while a space belongs to its set; so what it lends is the place,
 * and the borrower puts a process there.
 */
export class Capacity {
  private readonly pool: Pool<Place>
  private readonly waiting: string[] = []
  /** Spaces that were asked to make room and have not ended yet. */
  private leaving = 0
  private extraInUse: Promise<void> = Promise.resolve()
  private readonly extras = new Map<Place, () => void>()
  /** Those who wait, to be called when they must not any more. */
  private readonly refusals = new Set<() => void>()
  private closed = false
  private cancelAsking: (() => void) | undefined

  constructor(
    private readonly settings: CapacitySettings,
    private readonly source: RoomSource,
    private readonly schedule: Schedule,
    private readonly logger: Logger
  ) {
    this.pool = createPool<Place>(
      {
        // A factory that rejects would be called again without a pause; this one cannot.
        create: () => Promise.resolve(new Place('ordinary')),
        destroy: () => Promise.resolve()
      },
      { max: settings.maxSpaces, acquireTimeoutMillis: settings.giveUpAfter }
    )
  }

  /** Places nobody has. */
  get free(): number {
    return Math.max(0, this.settings.maxSpaces - this.pool.borrowed - this.waiting.length)
  }

  /**
   * A place for a space of this set, as soon as there is one. Rejects with NO_ROOM or POOL_CLOSED, or with the reason of
   * the signal when it is not wanted any more.
   */
  async acquire(key: string, signal?: AbortSignal): Promise<Place> {
    if (this.closed) throw poolClosed()
    const full = this.free === 0
    this.waiting.push(key)
    const cancelWarning = this.schedule(this.settings.warnAfter, () => this.warn(key))
    try {
      const place = this.obtain(key, signal)
      if (full) {
        this.ask()
        this.askAgain()
      }
      return await place
    } finally {
      cancelWarning()
      this.waiting.splice(this.waiting.indexOf(key), 1)
    }
  }

  /** A place beside what it is going to replace. One at a time; the next one waits until it is given back. */
  async acquireExtra(): Promise<Place> {
    const before = this.extraInUse
    const place = new Place('extra')
    this.extraInUse = new Promise((resolve) => this.extras.set(place, resolve))
    await before
    if (!this.closed) return place
    // The next one that waits is refused as well.
    this.release(place)
    throw poolClosed()
  }

  release(place: Place): void {
    this.extras.get(place)?.()
    this.extras.delete(place)
    if (place.kind === 'extra') return
    this.leaving = Math.max(0, this.leaving - 1)
    void this.pool.destroy(place)
  }

  /** A space may have become one that can be spared. */
  mayHaveRoom(): void {
    if (this.waiting.length > 0) this.ask()
  }

  /** Those who wait are refused; what is lent stays lent until it is released. */
  close(): void {
    this.closed = true
    for (const refuse of this.refusals) refuse()
    void this.pool.drain()
  }

  /** generic-pool still serves those who wait no more, once there is room: what they get goes back. */
  private obtain(key: string, signal: AbortSignal | undefined): Promise<Place> {
    return new Promise((resolve, reject) => {
      let waits = true
      const end = (then: () => void): void => {
        waits = false
        this.refusals.delete(refuse)
        signal?.removeEventListener('abort', withdraw)
        then()
      }
      const refuse = (): void => end(() => reject(poolClosed()))
      const withdraw = (): void => end(() => reject(signal?.reason as Error))
      this.refusals.add(refuse)
      signal?.addEventListener('abort', withdraw)
      this.pool.acquire().then(
        (place) => {
          if (waits) end(() => resolve(place))
          // Whoever left has been counted already.
          else void this.pool.destroy(place)
        },
        () => {
          const { giveUpAfter: waited } = this.settings
          if (waits) end(() => reject(noRoom({ key, waited, holders: this.source.holders() })))
        }
      )
    })
  }

  private ask(): void {
    for (const key of this.waiting.slice(this.leaving)) {
      if (!this.source.makeRoom(key)) return
      this.leaving++
    }
  }

  /** As long as somebody waits: what packages let go of is known only after a space was asked. */
  private askAgain(): void {
    this.cancelAsking ??= this.schedule(ASK_EVERY, () => {
      this.cancelAsking = undefined
      if (this.waiting.length === 0) return
      this.ask()
      this.askAgain()
    })
  }

  private warn(key: string): void {
    const holders = this.source.holders()
    this.logger.warn({ key, holders, maxSpaces: this.settings.maxSpaces }, 'a set waits for room in the pool')
  }
}
