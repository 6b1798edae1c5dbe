/**
 * Carries bytes between two processes, in order and without loss, until it ends. It knows nothing of frames or
 * messages. A socket is one (socket-channel.ts), a pair in memory is another (memory-channel.ts).
 */
export interface Channel {
  /**
   * Hands bytes over, and those in `more` right behind them. True: they are gone and their memory may be used again.
   * False: the channel still needs that memory, and calls `drained` when everything is gone. Writing to an ended
   * channel does nothing.
   */
  write(bytes: Uint8Array, more?: readonly Uint8Array[]): boolean
  /** Starts reading into the reader, or goes on after its `received` returned false. */
  read(reader: ChannelReader): void
  /** Ends both directions at once and drops what still waits. `ended` follows. Closing twice does nothing. */
  close(): void
}

/** Where a channel puts what it receives. */
export interface ChannelReader {
  /** Memory for the next bytes, at least one byte long. Asked for before every read. */
  target(): Uint8Array
  /** So many bytes are now at the start of the last target. False pauses until `read` is called again. */
  received(count: number): boolean
  /** Everything written has left. */
  drained(): void
  /** The other side is gone, or the channel broke. Called once, nothing follows. */
  ended(error?: Error): void
}
