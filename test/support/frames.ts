/** One frame as it stands in the bytes: a batch (kind 0) or a chunk (kind 1) of a parcel. */
export interface Frame {
  kind: number
  parcel: number | undefined
  bytes: Buffer
}

/** Cuts bytes into frames; throws when they do not end with one. */
export function framesOf(bytes: Buffer): Frame[] {
  const frames: Frame[] = []
  for (let start = 0; start < bytes.length;) {
    const header = bytes.readUInt32LE(start)
    const [kind, length] = [header >>> 30, header & (2 ** 30 - 1)]
    const head = kind === 0 ? 4 : 8
    if (start + head + length > bytes.length) throw new Error('half a frame')
    const parcel = kind === 0 ? undefined : bytes.readUInt32LE(start + 4)
    frames.push({ kind, parcel, bytes: bytes.subarray(start + head, start + head + length) })
    start += head + length
  }
  return frames
}
