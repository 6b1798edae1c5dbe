/** A function that wants to know when the other process no longer holds it. */
export const released = Symbol('released')

type Tell = (reason: unknown) => unknown

/**
 * What crosses in the place of a signal that is not aborted yet: a function that takes the one to be called then. It
 * listens only as long as the other process holds it.
 */
export function subscriptionTo(signal: AbortSignal): Function {
  let stop = (): void => undefined
  const subscribe = (tell: Tell): void => {
    const listen = (): void => void tell(signal.reason)
    stop = () => signal.removeEventListener('abort', listen)
    if (signal.aborted) listen()
    else signal.addEventListener('abort', listen, { once: true })
  }
  return Object.assign(subscribe, { [released]: () => stop() })
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
