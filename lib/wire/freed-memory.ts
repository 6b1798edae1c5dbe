let kept = false

/** Binary values of so many bytes are worth it. */
export const WORTH_KEEPING = 32 * 1024

/**
 * From the first call on the system's memory for large values is used again. It is mostly page faults: glibc gives it
 * back to the system when it is collected, and takes it again for the next value. Once it has freed one piece of just
 * under 32 MiB it keeps up to 64 MiB instead: 1 MiB there and back is nearly twice as fast (Node 20, `npm run bench --
 * buffers`). The piece itself is never touched.
 */
export function keepFreedMemory(): void {
  if (kept) return
  kept = true
  Buffer.allocUnsafeSlow(32 * 1024 * 1024 - 8192)
}
