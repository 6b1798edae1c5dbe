import type { Socket } from 'node:net'
import type { Channel, ChannelReader } from './channel.js'
import { StreamInput, TargetInput, type OnRead, type SocketInput } from './socket-input.js'

/**
 * A peer that takes no more bytes may have left some of its own to read, and never more than the system's buffers
 * hold. Beyond so many bytes it is not gone but dishonest, and the channel ends.
 */
const MOST_LAST_BYTES = 16 * 1024 * 1024

/** A channel whose socket reads straight into the targets of its reader. */
export function connectChannel(connect: (onread: OnRead) => Socket): SocketChannel {
  const input = new TargetInput()
  return new SocketChannel(connect(input.onread), input)
}

/** A channel over a socket that was made without `onread`: every byte is copied once more. */
export function streamChannel(stream: Socket): SocketChannel {
  return new SocketChannel(stream, new StreamInput())
}

/** A socket as a channel. It reads nothing before `read` and listens to the errors of its socket from the start. */
export class SocketChannel implements Channel {
  private state: 'open' | 'deaf' | 'ended' = 'open'
  private reader: ChannelReader | undefined
  private congested = false
  private finishing = false
  private told = false
  private error: Error | undefined
  private limit = Infinity
  private done: (error?: Error | null) => void = () => {}

  constructor(
    private readonly socket: Socket,
    private readonly input: SocketInput
  ) {
    socket.on('error', (error) => this.end(error))
    socket.on('end', () => this.end())
    socket.on('close', () => this.end())
    this.watchWrites()
    input.attach(socket)
  }

  write(bytes: Uint8Array, more?: readonly Uint8Array[]): boolean {
    if (this.state !== 'open') return true
    if (more === undefined) this.socket.write(bytes)
    else this.writeTogether(bytes, more)
    // Nothing left to write means that the system has a copy, even where it took the bytes at once.
    if (this.socket.writableLength === 0) return true
    this.congested = true
    return false
  }

  read(reader: ChannelReader): void {
    this.reader = reader
    if (this.state === 'ended') return this.tell()
    this.input.read(reader)
    if (this.state === 'deaf') this.readTheRest()
  }

  close(): void {
    this.end()
  }

  /** Keeps the process alive as long as the channel is open, which is the default. */
  ref(): void {
    this.socket.ref()
  }

  /** Lets the process end although the channel is open. */
  unref(): void {
    this.socket.unref()
  }

  /** One system call for all: each costs a few microseconds, and each may wake the other process too early. */
  private writeTogether(bytes: Uint8Array, more: readonly Uint8Array[]): void {
    this.socket.cork()
    this.socket.write(bytes)
    for (const piece of more) this.socket.write(piece)
    this.socket.uncork()
  }

  /**
   * A socket destroys itself when a write fails, and what the other side wrote before it went would be lost with it.
   * So failures are kept from the stream. The same place knows exactly when everything has left: 'drain' does not, it
   * is not emitted for what stayed below the stream's high-water mark.
   */
  private watchWrites(): void {
    const { socket, written } = this
    const write = socket._write.bind(socket)
    const writeMany = socket._writev?.bind(socket)
    socket._write = (chunk, encoding, done) => {
      this.done = done
      write(chunk, encoding, written)
    }
    if (!writeMany) return
    socket._writev = (chunks, done) => {
      this.done = done
      writeMany(chunks, written)
    }
  }

  private readonly written = (error?: Error | null): void => {
    if (error) this.deafen(error)
    // The stream may write what waits within `done`, and must not be written to before it returns.
    if (this.finishing) return this.done()
    this.finishing = true
    this.done()
    this.finishing = false
    if (!this.congested || this.socket.writableLength > 0) return
    this.congested = false
    if (this.state !== 'ended') this.reader?.drained()
  }

  private deafen(error: Error): void {
    if (this.state !== 'open') return
    this.state = 'deaf'
    this.error = error
    this.limit = this.input.count + MOST_LAST_BYTES
    this.readTheRest()
  }

  /** Ends the channel once a whole turn of the event loop brought nothing more to read. */
  private readTheRest(seen = -1): void {
    setImmediate(() => {
      const { count, paused } = this.input
      if (this.state !== 'deaf' || paused) return
      if (count === seen || count > this.limit) this.end()
      else this.readTheRest(count)
    })
  }

  private end(error?: Error): void {
    if (this.state === 'ended') return
    this.state = 'ended'
    this.error ??= error
    this.input.stop()
    this.socket.destroy()
    this.tell()
  }

  private tell(): void {
    const { reader, error } = this
    if (!reader || this.told) return
    this.told = true
    process.nextTick(() => reader.ended(error))
  }
}
