import type { ChildProcess } from 'node:child_process'
import type { Call, CallKeeper } from './compat-call.js'
import { InactivityTimer } from './compat-inactivity.js'
import { AddedPackages } from './compat-packages.js'
import { sentenceOf, sentenceOfEnd } from './compat-sentences.js'
import { spaceStartFailed } from './errors.js'
import type { PoolSettings } from './options.js'
import { Reaper } from './space/reaper.js'
import type { SpaceEnd } from './space/space-end.js'
import type { SpaceOwner } from './space/space-owner.js'
import { Space, type SpaceContext } from './space/space.js'
import { startProcessNow, type StartedProcess } from './space/start-process.js'
import { defaultBounds } from './supervision/context.js'
import { afterCrash, noCrashes, type CrashHistory } from './supervision/restart-policy.js'
import { Timetable } from './supervision/timetable.js'
import { now } from './wire/clock.js'

/** Functions that the space may hold: more than in a pool, as here each 'cb:N' of each call is one of its own. */
const MOST_CALLBACKS = 100_000

/**
 * The one space of the older API from its building to its destruction. When it crashes it is rebuilt at once with its
 * packages, or by the next request if it crashed before they were back, or too often.
 */
export class Life implements SpaceOwner, CallKeeper {
  /** `down`: it crashed, and the next request rebuilds it. `over`: it was destroyed, or inactive for too long. */
  state: 'up' | 'down' | 'over' = 'down'
  readonly inactivity: InactivityTimer
  private readonly packages: AddedPackages
  private space!: Space
  private spaces = 0
  private inFlight = 0
  /** Calls to which something is owed though they are not in flight: their callbacks have not been called yet. */
  private readonly kept = new Set<Call>()
  private history: CrashHistory = noCrashes
  private lastTrouble: string | undefined
  private readonly context: SpaceContext
  private readonly reaper = new Reaper()

  /** Throws SPACE_START_FAILED. */
  constructor(private readonly settings: PoolSettings) {
    const { schedule } = new Timetable(now)
    const { maxBytes, stop } = settings
    const limits = { maxBytes, maxCallbacks: MOST_CALLBACKS }
    this.context = { limits, stop, schedule, reaper: this.reaper }
    this.packages = new AddedPackages(settings)
    this.start()
    this.inactivity = new InactivityTimer(settings.inactivityTimeout, () => this.inactive())
  }

  get child(): ChildProcess {
    return this.space.child as ChildProcess
  }

  /** Loads a package. Rejects with an error whose message is a sentence; throws an error or a Refusal. */
  add(name: string, parameters: readonly unknown[]): Promise<void> {
    this.wake()
    const adding = this.packages.add(name, parameters)
    this.inFlight++
    return adding.finally(() => this.finished())
  }

  /** Runs a call. Throws an error or a Refusal when it cannot be run. */
  call(call: Call, name: string, path: string, parameters: unknown[]): void {
    this.wake()
    this.packages.call(call, name, path, parameters)
    this.inFlight++
  }

  /** Ends it for good, by SIGTERM at once. */
  end(): void {
    if (this.state === 'over') return
    this.state = 'over'
    this.inactivity.stop()
    void this.space.terminate().then(() => this.reaper.close())
  }

  finished(): void {
    this.inFlight--
    this.active()
  }

  keep(call: Call): void {
    this.kept.add(call)
  }

  drop(call: Call): void {
    this.kept.delete(call)
  }

  active(): void {
    if (this.state === 'up') this.inactivity.reset()
  }

  /** Told once, since a stream would have the same trouble again and again. */
  trouble(problem: () => unknown): void {
    const sentence = `A callback was not called: ${sentenceOf(problem())}`
    if (sentence !== this.lastTrouble) process.emitWarning(sentence, 'SpacePoolWarning')
    this.lastTrouble = sentence
  }

  relieved(): void {
    this.packages.sendAll()
  }

  output(): void {}
  outputDropped(): void {}
  released(): void {}
  reported(): void {}
  unblocking(): void {}

  /** A request has come. */
  private wake(): void {
    if (this.state === 'down') this.start()
    this.active()
  }

  private inactive(): void {
    if (this.inFlight > 0) this.inactivity.reset()
    else this.end()
  }

  private start(): void {
    const started = startNow(this.settings)
    this.space = new Space(++this.spaces, this.context, this).launch(started)
    this.state = 'up'
    this.packages.moveInto(this.space)
    void this.space.ended.then((end) => this.ended(end))
  }

  /** First comes what comes after it, so that those who are told can rely on it. */
  private ended(end: SpaceEnd): void {
    const { names } = this.packages
    const lost = [...this.kept]
    this.kept.clear()
    if (this.state === 'up' && !this.rebuild(end)) this.state = 'down'
    if (this.state !== 'up') {
      this.inactivity.stop()
      this.packages.refuseAll(sentenceOfEnd(end, names, 'queued'))
    }
    for (const call of lost) call.forsaken(sentenceOfEnd(end, names, 'written'))
  }

  private rebuild(end: SpaceEnd): boolean {
    if (!this.mayRebuild(end)) return false
    try {
      this.start()
      return true
    } catch {
      // There can be no process now. The next request tries again.
      return false
    }
  }

  private mayRebuild(end: SpaceEnd): boolean {
    if (!this.packages.isRestored) return false
    const decision = afterCrash(this.history, now(), end.uptime, 1, this.settings.restart, defaultBounds)
    if (decision.action === 'restart') this.history = decision.history
    return decision.action === 'restart' || this.packages.isAwaited
  }
}

/** With Node's own channel, as the older API had it. */
function startNow(settings: PoolSettings): StartedProcess {
  try {
    return startProcessNow({ ...settings.process, handles: true })
  } catch (error) {
    throw spaceStartFailed({ reason: error instanceof Error ? error.message : String(error), cause: error })
  }
}
