import type { Channel, ChannelReader } from './channel.js'
import { Queue } from './queue.js'

export interface MemoryChannelOptions {
  /** At most so many bytes arrive at once, as if the system had cut them up. Default: as many as the target takes. */
  pieces?: number | undefined
  /** Bytes that may be under way before `write` answers false, as in a full socket. Default: no limit. */
  capacity?: number | undefined
}

/** Two channels, each the other's other side, without a process or a socket: for tests. */
export function memoryChannelPair(options: MemoryChannelOptions = {}): [MemoryChannel, MemoryChannel] {
  const left = new MemoryChannel(options)
  const right = new MemoryChannel(options)
  left.meet(right)
  right.meet(left)
  return [left, right]
}

/**
 * One end of a pair. As on a socket, every read comes in a turn of its own, bytes that found no room stay in the
 * writer's memory until `drained`, and what the other side wrote before its end still arrives.
 */
export class MemoryChannel implements Channel {
  private state: 'open' | 'closing' | 'ended' = 'open'
  private peer: MemoryChannel | undefined
  private reader: ChannelReader | undefined
  private paused = true
  private scheduled = false
  private told = false
  private error: Error | undefined
  private readonly arrived = new Queue<Uint8Array>()
  private readonly waiting = new Queue<Uint8Array>()
  /** Bytes that have arrived and were not delivered, and how many of the first piece were. */
  private held = 0
  private delivered = 0
  /** How many bytes of the first piece that waits have left. */
  private sent = 0
  private readonly pieces: number
  private readonly capacity: number

  constructor(options: MemoryChannelOptions) {
    this.pieces = options.pieces ?? Infinity
    this.capacity = options.capacity ?? Infinity
  }

  /** Joins the two ends of a pair. */
  meet(peer: MemoryChannel): void {
    this.peer = peer
  }

  write(bytes: Uint8Array, more: readonly Uint8Array[] = []): boolean {
    if (this.state !== 'open') return true
    for (const piece of [bytes, ...more]) if (piece.length > 0) this.waiting.push(piece)
    this.send()
    return this.waiting.length === 0
  }

  read(reader: ChannelReader): void {
    this.reader = reader
    this.paused = false
    this.schedule()
  }

  close(): void {
    this.break()
  }

  /** Ends both sides, this one with an error, as when a socket fails. */
  break(error?: Error): void {
    if (this.state === 'ended') return
    this.error ??= error
    this.arrived.clear()
    this.waiting.clear()
    this.held = this.sent = this.delivered = 0
    this.state = 'ended'
    this.paused = false
    this.schedule()
    this.peer?.lose()
  }

  private lose(): void {
    if (this.state !== 'open') return
    this.state = 'closing'
    this.waiting.clear()
    this.schedule()
  }

  /** Moves as much as fits from the writer's memory to the other side. */
  private send(): void {
    const { peer, waiting } = this
    while (peer && waiting.length > 0) {
      const room = this.capacity - peer.held
      const next = waiting.first
      if (!next || room <= 0) return
      const sent = next.subarray(this.sent, this.sent + room)
      peer.arrive(new Uint8Array(sent))
      this.sent += sent.length
      if (this.sent < next.length) return
      waiting.shift()
      this.sent = 0
    }
  }

  private arrive(bytes: Uint8Array): void {
    this.arrived.push(bytes)
    this.held += bytes.length
    this.schedule()
  }

  private schedule(): void {
    if (this.scheduled) return
    this.scheduled = true
    setImmediate(() => {
      this.scheduled = false
      this.turn()
    })
  }

  private turn(): void {
    const { reader } = this
    if (!reader || this.paused || this.told) return
    if (this.arrived.length > 0) this.deliver(reader)
    else if (this.state !== 'open') this.tell(reader)
  }

  private deliver(reader: ChannelReader): void {
    const count = this.fill(reader.target())
    this.paused = !reader.received(count)
    this.peer?.room()
    if (!this.paused) this.schedule()
  }

  /** One read brings what several writes have brought, as in a socket. */
  private fill(target: Uint8Array): number {
    const most = Math.min(target.length, this.pieces)
    let count = 0
    for (let next = this.arrived.first; next !== undefined && count < most; next = this.arrived.first) {
      const piece = next.subarray(this.delivered, this.delivered + most - count)
      target.set(piece, count)
      count += piece.length
      this.delivered += piece.length
      if (this.delivered < next.length) break
      this.arrived.shift()
      this.delivered = 0
    }
    this.held -= count
    return count
  }

  private room(): void {
    if (this.state !== 'open' || this.waiting.length === 0) return
    this.send()
    if (this.waiting.length === 0) this.reader?.drained()
  }

  private tell(reader: ChannelReader): void {
    this.state = 'ended'
    this.told = true
    reader.ended(this.error)
  }
}
