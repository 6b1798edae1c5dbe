import type { RoomSource } from './capacity.js'
import type { SetSupervisor } from './set-supervisor.js'
import type { Spares } from './spares.js'

/** Where room comes from when a set needs a space: spares, then the least recently used idle space of another set. */
export class Room implements RoomSource {
  constructor(
    private readonly sets: { readonly all: readonly SetSupervisor[] },
    private readonly spares: () => Spares
  ) {}

  makeRoom(forKey: string): boolean {
    if (this.spares().giveUp()) return true
    const idle = this.sets.all
      .filter((set) => set.key !== forKey && set.waiting === 0)
      .flatMap((set) => set.replicas.ready.map((replica) => ({ set, replica })))
      .filter(({ replica }) => replica.inFlight === 0)
    const [oldest] = idle
      .filter(({ replica }) => replica.spareable)
      .sort((left, right) => right.replica.idleFor - left.replica.idleFor)
    if (oldest !== undefined) {
      void oldest.set.replicas.evict([oldest.replica], 'room')
      return true
    }
    // Callbacks that no package holds any more are only known after a collection.
    for (const { replica } of idle) replica.space?.collect()
    return false
  }

  holders(): string[] {
    return this.sets.all
      .filter((set) => set.replicas.all.some(({ place }) => place !== undefined))
      .map(({ key }) => key)
  }
}
