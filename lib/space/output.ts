import type { ChildProcess } from 'node:child_process'
import type { Readable } from 'node:stream'
import { isInspectorNotice, withoutInspectorNotices } from './inspector-notices.js'
import { Lines } from './lines.js'
import { scheduleTimeout, type Schedule } from './schedule.js'
import { Tail } from './tail.js'

/** Longer lines are cut. Bytes. */
const LONGEST_LINE = 8 * 1024

/** So much of standard error is kept for the report of a crash. Bytes. */
const TAIL_SIZE = 8 * 1024

/** What a space may print within one window; then it has to wait, or lines are left out. */
const WINDOW = 100
const MOST_BYTES = 1024 * 1024
const MOST_LINES = 100

export type OutputStream = 'stdout' | 'stderr'

export interface OutputListener {
  onLine(stream: OutputStream, line: string): void
  /** So many lines came too fast and were left out. */
  onDropped(lines: number): void
}

/** Milliseconds that never go back, and something to wake up by. */
export interface Clock {
  now(): number
  schedule: Schedule
}

const systemClock: Clock = { now: () => performance.now(), schedule: scheduleTimeout }

/**
 * What a space prints, line by line. A space that floods its output costs the host no more than a few percent of a
 * core: its pipes are read at 10 MiB a second at most, which makes the space wait, and of that at most 1000 lines a
 * second are handed on. Does nothing where the output is not captured.
 */
export class Output {
  /** Settles when both streams have ended. Grandchildren that hold them can keep them open after the space. */
  readonly ended: Promise<void>
  private readonly streams: Readable[] = []
  private readonly lastErrors = new Tail(TAIL_SIZE)
  private windowStart = -Infinity
  private bytes = 0
  private lines = 0
  private dropped = 0
  private isInspected = false
  private cancel: (() => void) | undefined

  constructor(
    child: Pick<ChildProcess, OutputStream>,
    private readonly listener: OutputListener,
    private readonly clock: Clock = systemClock
  ) {
    const ends = [this.capture('stdout', child.stdout), this.capture('stderr', child.stderr)]
    this.ended = Promise.all(ends).then(() => this.turn())
  }

  /** The last 8 KiB of standard error. */
  get tail(): string {
    const tail = this.lastErrors.toString()
    return this.isInspected ? withoutInspectorNotices(tail) : tail
  }

  /** The host opens the inspector: from now on what Node says of it is nobody's output. */
  inspected(): void {
    this.isInspected = true
  }

  /** Reads nothing more. */
  close(): void {
    for (const stream of this.streams) stream.destroy()
  }

  private capture(name: OutputStream, stream: Readable | null): Promise<void> {
    if (!stream) return Promise.resolve()
    const lines = new Lines(LONGEST_LINE, (line) => this.hand(name, line))
    this.streams.push(stream)
    stream.on('data', (chunk: Buffer) => {
      if (name === 'stderr') this.lastErrors.push(chunk)
      this.take(lines, chunk)
    })
    return new Promise((resolve) => {
      stream.once('close', () => {
        lines.close()
        resolve()
      })
    })
  }

  private take(lines: Lines, chunk: Buffer): void {
    if (this.clock.now() - this.windowStart >= WINDOW) this.turn()
    this.bytes += chunk.length
    this.dropped += lines.push(chunk, MOST_LINES - this.lines)
    if (this.bytes >= MOST_BYTES) for (const stream of this.streams) stream.pause()
    if (this.bytes < MOST_BYTES && this.dropped === 0) return
    this.cancel ??= this.clock.schedule(WINDOW - (this.clock.now() - this.windowStart), () => this.turn())
  }

  private hand(name: OutputStream, line: string): void {
    this.lines++
    if (this.isInspected && name === 'stderr' && isInspectorNotice(line)) return
    this.listener.onLine(name, line)
  }

  /** A new window: tells what the last one left out, and lets the space go on. */
  private turn(): void {
    const { dropped, bytes } = this
    this.cancel?.()
    this.cancel = undefined
    this.windowStart = this.clock.now()
    this.bytes = this.lines = this.dropped = 0
    if (bytes >= MOST_BYTES) for (const stream of this.streams) stream.resume()
    if (dropped > 0) this.listener.onDropped(dropped)
  }
}
