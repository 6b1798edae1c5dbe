import type { Socket } from 'node:net'
import type { ChannelReader } from './channel.js'

/** How the bytes of a socket come into the targets of a reader. */
export interface SocketInput {
  /** Bytes handed to the reader so far. */
  readonly count: number
  /** Nothing is read, because there is no reader yet or because it paused. */
  readonly paused: boolean
  /** Takes the socket, and holds it back until there is a reader. */
  attach(socket: Socket): void
  read(reader: ChannelReader): void
  stop(): void
}

/** The `onread` option of `net`: a function for the next buffer, and one that is told how much is in it. */
export interface OnRead {
  buffer: () => Uint8Array
  callback: (count: number, buffer: Uint8Array) => boolean
}

const LOBBY_SIZE = 4096

/**
 * Reads without a copy. `net` wants the next buffer too early for this: the first when the socket is made, and one at
 * the end of every read, also of the read that paused. In both cases it gets the lobby, from where the first bytes
 * after a pause are copied on.
 */
export class TargetInput implements SocketInput {
  count = 0
  private reader: ChannelReader | undefined
  private state: 'paused' | 'resuming' | 'reading' = 'paused'
  private socket: Socket | undefined
  private readonly lobby = new Uint8Array(LOBBY_SIZE)
  private lobbyStart = 0
  private lobbyEnd = 0

  readonly onread: OnRead = {
    buffer: () => (this.reader && this.state === 'reading' ? this.reader.target() : this.lobby),
    callback: (count, buffer) => (buffer === this.lobby ? this.fromLobby(count) : this.take(count))
  }

  get paused(): boolean {
    return this.state === 'paused'
  }

  attach(socket: Socket): void {
    this.socket = socket
    socket.pause()
  }

  read(reader: ChannelReader): void {
    this.reader = reader
    if (this.state !== 'paused') return
    this.state = 'resuming'
    if (this.lobbyStart === this.lobbyEnd) this.resume()
    else process.nextTick(() => this.resume())
  }

  stop(): void {
    this.reader = undefined
    this.state = 'paused'
  }

  private resume(): void {
    if (this.state !== 'resuming') return
    this.state = 'reading'
    if (this.emptyLobby()) this.socket?.resume()
  }

  private fromLobby(count: number): boolean {
    this.lobbyStart = 0
    this.lobbyEnd = count
    return this.emptyLobby()
  }

  private emptyLobby(): boolean {
    while (this.lobbyStart < this.lobbyEnd) {
      if (!this.reader || this.state !== 'reading') return false
      const count = copyInto(this.reader.target(), this.lobby, this.lobbyStart, this.lobbyEnd)
      this.lobbyStart += count
      if (!this.take(count)) return false
    }
    return true
  }

  private take(count: number): boolean {
    if (!this.reader) return false
    this.count += count
    if (this.reader.received(count)) return true
    this.state = 'paused'
    return false
  }
}

/** Reads through the events of the stream, for sockets that others have made. */
export class StreamInput implements SocketInput {
  count = 0
  paused = true
  private reader: ChannelReader | undefined
  private socket: Socket | undefined

  attach(socket: Socket): void {
    this.socket = socket
    socket.pause()
    socket.on('data', (chunk: Uint8Array) => this.take(chunk))
  }

  read(reader: ChannelReader): void {
    this.reader = reader
    if (!this.paused) return
    this.paused = false
    this.socket?.resume()
  }

  stop(): void {
    this.reader = undefined
    this.paused = true
  }

  private take(chunk: Uint8Array): void {
    // When a child exits, Node resumes the streams of its stdio itself.
    if (this.paused) return this.pause(chunk)
    let start = 0
    while (start < chunk.length && this.reader) {
      const count = copyInto(this.reader.target(), chunk, start, chunk.length)
      start += count
      this.count += count
      if (!this.reader.received(count)) return this.pause(chunk.subarray(start))
    }
  }

  /** Gives back what the reader has no room for. */
  private pause(rest: Uint8Array): void {
    this.paused = true
    this.socket?.pause()
    if (rest.length > 0) this.socket?.unshift(rest)
  }
}

function copyInto(target: Uint8Array, source: Uint8Array, start: number, end: number): number {
  const stop = Math.min(end, start + target.length)
  target.set(source.subarray(start, stop))
  return stop - start
}
