import type { PendingCall } from './pending-call.js'

/** Space at the front of the array is taken back when this many places of it are unused. */
const COMPACT_AFTER = 1024

/** The calls of a set that wait for a space, in order. A call that no longer waits stays in its place, passed over. */
export class CallQueue {
  /** Calls that wait. */
  length = 0
  /** What their parameters take, in bytes. */
  bytes = 0
  private calls: (PendingCall | undefined)[] = []
  private head = 0

  push(call: PendingCall): void {
    this.calls.push(call)
    this.length++
    this.bytes += call.size
  }

  /** To the front again: it was sent, and its space ended before it ran. */
  unshift(call: PendingCall): void {
    if (this.head > 0) this.calls[--this.head] = call
    else this.calls.unshift(call)
    this.length++
    this.bytes += call.size
  }

  /** The call that has waited longest. */
  peek(): PendingCall | undefined {
    while (this.head < this.calls.length) {
      const call = this.calls[this.head]
      if (call !== undefined && call.state === 'queued') return call
      this.advance()
    }
    this.calls.length = this.head = 0
    return undefined
  }

  /** The same call, which does not wait any more. */
  shift(): PendingCall | undefined {
    const call = this.peek()
    if (call === undefined) return undefined
    this.advance()
    this.left(call)
    return call
  }

  /** The call does not wait any more; its state says so. */
  left(call: PendingCall): void {
    this.length--
    this.bytes -= call.size
    if (this.calls.length - this.head > this.length * 2 + COMPACT_AFTER) this.compact()
  }

  /** All that wait, in order; the queue is empty then. */
  takeAll(): PendingCall[] {
    const calls: PendingCall[] = []
    for (let call = this.shift(); call !== undefined; call = this.shift()) calls.push(call)
    return calls
  }

  private advance(): void {
    this.calls[this.head++] = undefined
    if (this.head < COMPACT_AFTER || this.head * 2 <= this.calls.length) return
    this.calls = this.calls.slice(this.head)
    this.head = 0
  }

  /** Without the places of those that left while others before them wait on. */
  private compact(): void {
    this.calls = this.calls.filter((call) => call?.state === 'queued')
    this.head = 0
  }
}
