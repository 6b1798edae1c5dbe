/** What a connection takes for the bytes that it reads (lib/wire/frame-reader.ts). */
const SIZE = 512 * 1024
/** Connections at the same time, or one that has just ended and the next. */
const COUNT = 4

/**
 * Connections that are begun from now on use the buffers of those that have ended, a few by turns. Where thousands of them
 * follow each other, memory for the buffers takes longer, to get and to collect, than what the connections do.
 */
export function recycleBuffers(): void {
  const allocate = Buffer.allocUnsafeSlow
  const buffers = Array.from({ length: COUNT }, () => allocate(SIZE))
  let next = 0
  Buffer.allocUnsafeSlow = (size) =>
    size === SIZE ? (buffers[next++ % COUNT] as Buffer<ArrayBuffer>) : allocate(size)
}
