type Listener = (loss?: Promise<unknown>) => void

/** Looked up here instead of asked for: what a program lends may be a proxy, whose traps would run. */
const listeners = new WeakMap<object, Listener>()

/** Calls the listener when the other process no longer holds this. `loss`: it is gone itself, for this reason. */
export function whenReleased(lent: object, listener: Listener): void {
  listeners.set(lent, listener)
}

export function tellReleased(lent: object, loss?: Promise<unknown>): void {
  listeners.get(lent)?.(loss)
}
