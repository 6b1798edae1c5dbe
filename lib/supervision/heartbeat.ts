import type { HeartbeatSettings } from '../settings.js'
import type { Clock } from './timetable.js'
import type { Schedule } from '../space/schedule.js'

/** What a heartbeat listens to. */
export interface Pulse {
  /** There is something to do, so there must be something to hear. */
  busy(): boolean
  /** Asks for a sign of life. */
  ask(): void
  /** How many messages have come so far. */
  heard(): number
  /** Nothing has come for so many ms, though something was asked. */
  silent(ms: number): void
  /** Something has come after a silence. */
  answered(): void
}

/** A beat that comes this much too late says that the host itself stood still, and proves nothing. */
const LATE = 0.5

/**
 * Notices a space that does not answer any more, only while it has something to do: an idle one costs no timer. Every
 * `interval` it must have said something since the last beat, or it is asked to; after `missed` beats in a row without
 * a word it counts as silent, once, until it speaks again.
 */
export class Heartbeat {
  private missed = 0
  /** It was told that it is silent. */
  private isSilent = false
  private lastHeard = 0
  private lastBeat = 0
  private silentSince: number | undefined
  private cancel: (() => void) | undefined

  constructor(
    private readonly settings: HeartbeatSettings,
    private readonly clock: Clock,
    private readonly schedule: Schedule,
    private readonly pulse: Pulse
  ) {}

  /** There is something to do; it stops by itself at the first beat when there is nothing. */
  start(): void {
    if (this.cancel !== undefined || this.settings.interval === Infinity) return
    this.missed = 0
    this.lastHeard = this.pulse.heard()
    this.next()
  }

  /** Nothing more will be heard. */
  stop(): void {
    this.cancel?.()
    this.cancel = undefined
    this.isSilent = false
    this.silentSince = undefined
  }

  private next(): void {
    this.lastBeat = this.clock()
    this.cancel = this.schedule(this.settings.interval, () => this.beat())
  }

  private beat(): void {
    const { interval, missed } = this.settings
    const elapsed = this.clock() - this.lastBeat
    const heard = this.pulse.heard()
    if (heard !== this.lastHeard) this.speaks(heard)
    else if (elapsed < interval * (1 + LATE)) this.missed++
    if (!this.pulse.busy()) return this.stop()
    if (this.missed > 0) this.silentSince ??= this.clock() - elapsed
    this.next()
    if (this.isSilent) return
    // It is asked at the first beat it misses, so that one alone proves nothing.
    if (this.missed < Math.max(2, missed)) return this.pulse.ask()
    this.isSilent = true
    this.pulse.silent(this.clock() - (this.silentSince ?? this.lastBeat))
  }

  private speaks(heard: number): void {
    const wasSilent = this.isSilent
    this.lastHeard = heard
    this.missed = 0
    this.isSilent = false
    this.silentSince = undefined
    if (wasSilent) this.pulse.answered()
  }
}
