import { onAbort } from './abort-listeners.js'
import { whenReleased } from './released.js'

type Tell = (reason: unknown) => unknown

/**
 * What crosses in the place of a signal that is not aborted yet: a function that takes the one to be called then, the
 * last one that it was given. It listens only as long as the other process holds it.
 */
export function subscriptionTo(signal: AbortSignal): Function {
  let stop = (): void => undefined
  const subscribe = (tell: Tell): void => {
    const listen = (): void => void tell(signal.reason)
    stop()
    if (signal.aborted) listen()
    else stop = onAbort(signal, listen)
  }
  whenReleased(subscribe, () => stop())
  return subscribe
}

/** Objects looked through for signals at most. */
const MOST_OBJECTS = 10_000

/**
 * Aborts the signals that came among these parameters: nobody waits for what was to be done with them. They are looked
 * for in arrays, plain objects, Maps and Sets.
 */
export function abortSignalsIn(parameters: readonly unknown[], reason: unknown): void {
  const seen = new Set<unknown>([parameters])
  for (const value of seen) {
    if (typeof value !== 'object' || value === null) continue
    if (value instanceof AbortSignal) kept.get(value)?.controller.abort(reason)
    else if (seen.size < MOST_OBJECTS) for (const member of membersOf(value)) seen.add(member)
  }
}

function membersOf(value: object): Iterable<unknown> {
  if (Array.isArray(value) || value instanceof Set) return value as Iterable<unknown>
  if (value instanceof Map) return [...value.keys(), ...value.values()] as unknown[]
  return Object.getPrototypeOf(value) === Object.prototype
    ? Object.values(value as Record<string, unknown>)
    : []
}

/** What a signal of another process needs in order to work lives as long as that signal. */
const kept = new WeakMap<AbortSignal, { controller: AbortController; subscribe: Function }>()

/** The signal here for the one in the other process that `subscribe` listens to. */
export function signalFor(subscribe: Function): AbortSignal {
  const controller = new AbortController()
  const { signal } = controller
  kept.set(signal, { controller, subscribe })
  // The other process holds this function, which must not keep the signal from being collected.
  const weak = new WeakRef(controller)
  const tell: Tell = (reason) => weak.deref()?.abort(reason)
  Reflect.apply(subscribe, undefined, [tell])
  return signal
}
