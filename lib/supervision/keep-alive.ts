/** Longer than any timer may be; it only exists to be a reference to the event loop. */
const FOREVER = 2 ** 31 - 1

/**
 * Keeps the host's event loop alive exactly as long as something is pending. One timer of the pool is the reference,
 * so that spaces, sockets and other timers need none.
 */
export class KeepAlive {
  /** How many things are pending. */
  pending = 0
  private readonly waiting: (() => void)[] = []
  private readonly reference = setInterval(() => undefined, FOREVER).unref()

  begin(): void {
    if (this.pending++ === 0) this.reference.ref()
  }

  end(): void {
    if (--this.pending > 0) return
    this.reference.unref()
    for (const tell of this.waiting.splice(0)) tell()
  }

  /** Settles when nothing is pending. */
  idle(): Promise<void> {
    if (this.pending === 0) return Promise.resolve()
    return new Promise((resolve) => this.waiting.push(resolve))
  }

  /** As long as the promise is pending. */
  async during<T>(promise: Promise<T>): Promise<T> {
    this.begin()
    try {
      return await promise
    } finally {
      this.end()
    }
  }

  close(): void {
    clearInterval(this.reference)
  }
}
