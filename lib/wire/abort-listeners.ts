/** What waits for a signal that is not aborted yet. */
class Listeners {
  readonly all = new Set<() => void>()
  private readonly tell = (): void => {
    listeners.delete(this.signal)
    // One that is taken away meanwhile is not called any more.
    for (const listener of this.all) listener()
  }

  constructor(private readonly signal: AbortSignal) {
    signal.addEventListener('abort', this.tell, { once: true })
  }

  end(): void {
    listeners.delete(this.signal)
    this.signal.removeEventListener('abort', this.tell)
  }
}

const listeners = new WeakMap<AbortSignal, Listeners>()

/**
 * Calls `listener`, which must not throw, when the signal is aborted, unless the function it returns is called first. The
 * signal itself has one listener for all of them: a program gives one signal to many calls at a time, and Node warns of
 * a leak at the eleventh listener.
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  const own = (): void => listener()
  const those = listeners.get(signal) ?? new Listeners(signal)
  listeners.set(signal, those)
  those.all.add(own)
  return () => {
    if (those.all.delete(own) && those.all.size === 0) those.end()
  }
}
