import type { PoolSettings, ProcessSettings } from '../settings.js'
import { Reaper } from '../space/reaper.js'
import type { SpaceOwner } from '../space/space-owner.js'
import { Space, type SpaceContext } from '../space/space.js'
import { startProcess, type StartedProcess } from '../space/start-process.js'
import { now } from '../wire/clock.js'
import { StartLimiter } from './start-limiter.js'
import type { Timetable } from './timetable.js'

/** A process that is started as soon as the limit allows. */
interface LimitedStart {
  readonly promise: Promise<StartedProcess>
  /** It is not wanted any more: rejects at once if it has not begun. */
  readonly withdraw: () => void
}

/** Starts the spaces of a pool, no faster than its option allows, and sees to it that none outlives the host. */
export class SpaceStarts {
  private readonly context: SpaceContext
  private readonly limiter: StartLimiter
  private readonly reaper = new Reaper()
  private lastId = 0

  constructor(
    { maxBytes, stop, restart }: PoolSettings,
    { schedule }: Timetable,
    /** Functions of the host that one space may hold. */
    maxCallbacks: number
  ) {
    this.limiter = new StartLimiter(now, schedule, restart.startsPerSecond)
    this.context = { limits: { maxBytes, maxCallbacks }, stop, schedule, reaper: this.reaper }
  }

  /** A blank space, which begins as soon as the limit on starts allows. */
  start(settings: ProcessSettings, owner: SpaceOwner): Space {
    const space = new Space(++this.lastId, this.context, owner)
    const { promise, withdraw } = this.process(settings, space)
    return space.launch(promise, withdraw)
  }

  /** Those that wait for the limit begin now, only to find that they were stopped. */
  giveUp(): void {
    this.limiter.close()
  }

  /** All have ended. */
  close(): void {
    this.reaper.close()
  }

  private process(settings: ProcessSettings, space: Space): LimitedStart {
    let withdraw = (): void => undefined
    const promise = new Promise<StartedProcess>((resolve, reject) => {
      const stopped = (): void => reject(new Error('it was stopped before it began'))
      const leave = this.limiter.request(() => {
        if (space.state === 'starting') startProcess(settings).then(resolve, reject)
        else stopped()
        const finished = (): void => this.limiter.finished()
        space.ready.then(finished, finished)
      })
      withdraw = () => {
        if (leave()) stopped()
      }
    })
    return { promise, withdraw }
  }
}
