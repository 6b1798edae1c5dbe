import { EventEmitter } from 'eventemitter3'
import { invalidArgument } from './errors.js'
import type { SpaceCrashCause, SpaceStopReason } from './errors.js'

/** Which space an event is about. */
export interface SpaceIdentity {
  /** Counts up within the pool; never used twice. */
  readonly id: number
  readonly pid: number
  /** The set whose packages it holds; null for a spare. */
  readonly key: string | null
  readonly packages: readonly string[]
  /** How many times a space of its set has been built, this one included. 0 for a spare. */
  readonly generation: number
}

/** A space holds its packages and takes calls. */
export interface SpaceReadyEvent extends SpaceIdentity {
  /** Milliseconds from the start of its process. */
  readonly startup: number
}

/** The process of a space has ended. */
export interface SpaceExitEvent extends SpaceIdentity {
  /** Why it was stopped, or `'crash'` if nobody asked it to end. */
  readonly reason: SpaceStopReason | 'crash'
  /** What made it crash; null if it did not. */
  readonly cause: SpaceCrashCause | null
  readonly exitCode: number | null
  readonly signal: string | null
  /** The last lines it wrote there. */
  readonly stderr: string
  /** Why it could not be started, with the `code` of the system's error, or what it sent that no space sends; else null. */
  readonly error: Error | null
  /** Milliseconds that it lived. */
  readonly uptime: number
}

/**
 * A space does not answer: it missed its heartbeat, or a call that timed out or was aborted blocks it. Each step that is
 * taken against it is told, in their order. What is `noticed` by the heartbeat alone has no further steps: the call
 * timeout decides.
 */
export interface SpaceUnresponsiveEvent extends SpaceIdentity {
  /**
   * `abort`: the space was told that nobody waits for the call any more, which aborts the signals among its parameters
   * there, and has not answered. Told as soon as it is known to be blocked, or after 250 ms; a space that answers is not
   * told of. `interrupt`: the code that blocks it is broken off. `terminate`: SIGTERM. `kill`: SIGKILL.
   */
  readonly step: 'noticed' | 'abort' | 'interrupt' | 'terminate' | 'kill'
  /** Milliseconds without an answer, at least. */
  readonly silence: number
  /** The code that blocks it, as in a stack; null where it could not be had. */
  readonly remoteStack: string | null
}

/** A space is started in the place of one that crashed, or that could not be started (cause `start`). */
export interface SpaceRestartEvent {
  readonly key: string
  readonly packages: readonly string[]
  /** The generation that the new space will have. */
  readonly generation: number
  /** What made the former one crash. */
  readonly cause: SpaceCrashCause
  /** Milliseconds that were waited before this start. */
  readonly backoff: number
}

/** A space is stopped and its set stays known: the next call brings it back. */
export interface SpaceEvictEvent extends SpaceIdentity {
  /** It had no activity, another set needed its place, or `evict()` was called. */
  readonly reason: 'inactivity' | 'room' | 'request'
  /** Milliseconds since its last activity. */
  readonly idle: number
  /** Always true: the packages are loaded anew, so whatever they kept in memory is gone. */
  readonly stateLost: true
}

/** A line that a package wrote, where the option `stdio` is `'captured'`. */
export interface SpaceOutputEvent extends SpaceIdentity {
  readonly stream: 'stdout' | 'stderr'
  /** Without its line break, cut where it is very long. */
  readonly line: string
  /** Lines of both streams that were left out before this one, because there was too much output. */
  readonly dropped: number
}

/** The spaces of a set crashed too often: calls fail at once with SET_DOWN. */
export interface SetDownEvent {
  readonly key: string
  readonly packages: readonly string[]
  /** Restarts within the last period, probes included. */
  readonly restarts: number
  /** Milliseconds until one space is started as a probe: the wait between probes, or until the limit has room for it. */
  readonly retryAfter: number
}

/** A set that was down takes calls again. */
export interface SetUpEvent {
  readonly key: string
  readonly packages: readonly string[]
  readonly generation: number
}

/** A failure that no promise of the host carries, such as a callback that threw. It is in the log, too. */
export interface ErrorEvent {
  readonly error: unknown
  /** The set and the space that it came up in; null if in none. */
  readonly key: string | null
  readonly id: number | null
  /** Failures in this space that were left out before this one, because there were too many. */
  readonly dropped: number
}

/** The pool is closed and all its spaces have ended. */
export interface CloseEvent {
  /** Calls that were failed because they had not settled in time. */
  readonly failed: number
}

/** What happened, by name: one object each, emitted after the state moved. */
export interface SpacePoolEvents {
  spaceReady: SpaceReadyEvent
  spaceExit: SpaceExitEvent
  spaceRestart: SpaceRestartEvent
  spaceEvict: SpaceEvictEvent
  spaceUnresponsive: SpaceUnresponsiveEvent
  spaceOutput: SpaceOutputEvent
  setDown: SetDownEvent
  setUp: SetUpEvent
  error: ErrorEvent
  close: CloseEvent
}

/** The name of an event. */
export type SpacePoolEventName = keyof SpacePoolEvents

/** Tells the listeners of one event. */
export type Announce = <Name extends SpacePoolEventName>(name: Name, event: SpacePoolEvents[Name]) => void

/** What eventemitter3 calls the parameters of each event. */
type Parameters = { [Name in SpacePoolEventName]: [event: SpacePoolEvents[Name]] }
type Listener<Name extends SpacePoolEventName> = EventEmitter.EventListener<Parameters, Name>
type AnyListener = (this: unknown, event: unknown) => void

/**
 * The emitter of eventemitter3 with the events of a pool. What a listener throws is thrown again outside the pool, as
 * an uncaught exception of the host: neither the pool nor the other listeners notice.
 */
export class Emitter extends EventEmitter<Parameters> {
  override on<Name extends SpacePoolEventName>(event: Name, fn: Listener<Name>, context?: unknown): this {
    return super.on(event, guarded<Name>(fn), context)
  }

  override addListener<Name extends SpacePoolEventName>(
    event: Name,
    fn: Listener<Name>,
    context?: unknown
  ): this {
    return this.on(event, fn, context)
  }

  override once<Name extends SpacePoolEventName>(event: Name, fn: Listener<Name>, context?: unknown): this {
    return super.once(event, guarded<Name>(fn), context)
  }

  override off<Name extends SpacePoolEventName>(
    event: Name,
    fn?: Listener<Name>,
    context?: unknown,
    once?: boolean
  ): this {
    return super.off(event, fn && guarded<Name>(fn), context, once)
  }

  override removeListener<Name extends SpacePoolEventName>(
    event: Name,
    fn?: Listener<Name>,
    context?: unknown,
    once?: boolean
  ): this {
    return this.off(event, fn, context, once)
  }

  /** The listeners as they were given. */
  override listeners<Name extends SpacePoolEventName>(event: Name): Listener<Name>[] {
    return super.listeners(event).map((guard) => originals.get(guard as AnyListener) ?? guard)
  }

  /** Tells the listeners. The event is frozen, because they all get the same object. */
  protected announce<Name extends SpacePoolEventName>(name: Name, event: SpacePoolEvents[Name]): void {
    Object.freeze(event)
    this.emit(name, ...([event] as unknown as EventEmitter.EventArgs<Parameters, Name>))
  }
}

/** One guard for each listener, so that a listener can be taken off by the function that was put on. */
const guards = new WeakMap<AnyListener, AnyListener>()
const originals = new WeakMap<AnyListener, AnyListener>()

function guarded<Name extends SpacePoolEventName>(given: Listener<Name>): Listener<Name> {
  if (typeof given !== 'function') throw invalidArgument('listener', 'a function', given)
  const listener = given as AnyListener
  // eventemitter3 itself takes a listener of `once` off by what was put on: the guard.
  return originals.has(listener) ? given : (guards.get(listener) ?? guard(listener))
}

function guard(listener: AnyListener): AnyListener {
  const guarding: AnyListener = function (event) {
    try {
      listener.call(this, event)
    } catch (error) {
      queueMicrotask(() => {
        throw error
      })
    }
  }
  guards.set(listener, guarding)
  originals.set(guarding, listener)
  return guarding
}
