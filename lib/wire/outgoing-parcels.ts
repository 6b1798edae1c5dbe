import { ANNOUNCED_LIMIT, CHUNK_SIZE, PARCELS_LIMIT } from './protocol-limits.js'
import { Queue } from './queue.js'

/** A message on its way in chunks: its own bytes, then its attachments. */
interface Parcel {
  readonly number: number
  readonly parts: readonly Uint8Array[]
  /** Of each part as it was sent; the memory of an attachment may have been taken away since. */
  readonly sizes: readonly number[]
  readonly size: number
  readonly ordered: boolean
  /** What goes with the announcement, until that has left. */
  message: Uint8Array | undefined
  announced: boolean
  part: number
  offset: number
}

export interface Chunk {
  readonly parcel: number
  readonly bytes: Uint8Array
  /** Present with the first chunk of a parcel: the sizes to announce, and the message where it goes with them. */
  readonly sizes: readonly number[] | undefined
  readonly message: Uint8Array | undefined
}

/**
 * Parcels that wait, and those whose chunks take turns. Ordered ones open one after the other. As many are open at a
 * time as together stay within `window` bytes (one alone may be larger), which the receiver checks.
 */
export class OutgoingParcels {
  /** Bytes not yet handed out. */
  waitingBytes = 0
  /** Those of them that belong to ordered parcels. */
  orderedBytes = 0
  private readonly waiting = new Queue<Parcel>()
  private readonly ordered = new Queue<Parcel>()
  private readonly open = new Queue<Parcel>()
  private openBytes = 0
  private next = 0

  constructor(private readonly window: () => number) {}

  get empty(): boolean {
    return this.open.length === 0 && this.waiting.length === 0 && this.ordered.length === 0
  }

  /** An ordered message must wait as a parcel while one is before it. */
  get orderedBusy(): boolean {
    return this.ordered.length > 0
  }

  add(parts: readonly Uint8Array[], ordered: boolean): void {
    const sizes = parts.map((part) => part.length)
    const size = sizes.reduce((sum, part) => sum + part, 0)
    const message = goesAhead(sizes) ? parts[0] : undefined
    const part = message === undefined ? 0 : 1
    const number = this.next++
    const parcel = { number, parts, sizes, size, ordered, message, announced: false, part, offset: 0 }
    this.count(parcel, size)
    if (ordered) this.ordered.push(parcel)
    if (!ordered || this.ordered.length === 1) this.waiting.push(parcel)
  }

  /** The next chunk, of the parcel whose turn it is. Undefined when there is none. */
  chunk(): Chunk | undefined {
    this.openMore()
    const parcel = this.open.shift()
    if (parcel === undefined) return undefined
    const { message } = parcel
    const sizes = parcel.announced ? undefined : parcel.sizes
    parcel.announced = true
    parcel.message = undefined
    const bytes = nextBytes(parcel)
    if (parcel.part < parcel.parts.length) this.open.push(parcel)
    else this.finish(parcel)
    this.count(parcel, -bytes.length - (message?.length ?? 0))
    return { parcel: parcel.number, bytes, sizes, message }
  }

  clear(): void {
    this.waiting.clear()
    this.ordered.clear()
    this.open.clear()
    this.waitingBytes = 0
    this.orderedBytes = 0
  }

  private count({ ordered }: Parcel, bytes: number): void {
    this.waitingBytes += bytes
    if (ordered) this.orderedBytes += bytes
  }

  private openMore(): void {
    while (this.open.length < PARCELS_LIMIT) {
      const parcel = this.waiting.first
      if (parcel === undefined || (this.open.length > 0 && this.openBytes + parcel.size > this.window())) {
        return
      }
      this.waiting.shift()
      this.open.push(parcel)
      this.openBytes += parcel.size
    }
  }

  private finish(parcel: Parcel): void {
    this.openBytes -= parcel.size
    if (!parcel.ordered) return
    this.ordered.shift()
    const following = this.ordered.first
    if (following !== undefined) this.waiting.push(following)
  }
}

/** Of a parcel with these sizes the message goes with the announcement. Both sides ask. */
export function goesAhead(sizes: readonly number[]): boolean {
  return sizes.length > 1 && (sizes[0] as number) <= ANNOUNCED_LIMIT
}

/**
 * What was promised is sent, though it be zeros: a buffer that its owner transferred or shrank too early spoils its
 * own call, not the connection.
 */
function nextBytes(parcel: Parcel): Uint8Array {
  const part = parcel.parts[parcel.part] as Uint8Array
  const size = parcel.sizes[parcel.part] as number
  const start = parcel.offset
  const end = Math.min(start + CHUNK_SIZE, size)
  parcel.offset = end
  if (end === size) {
    parcel.part++
    parcel.offset = 0
  }
  return bytesOf(part, start, end)
}

/** Asked for with care: the length of memory that was taken away may still be the old one (Node 22). */
function bytesOf(part: Uint8Array, start: number, end: number): Uint8Array {
  try {
    const bytes = part.subarray(start, end)
    if (bytes.length === end - start) return bytes
  } catch {
    // It is detached.
  }
  return new Uint8Array(end - start)
}
