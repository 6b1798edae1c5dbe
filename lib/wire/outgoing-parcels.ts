import { CHUNK_SIZE } from './messages.js'

/** A message on its way in chunks: its own bytes, then its attachments. */
interface Parcel {
  readonly number: number
  readonly parts: readonly Uint8Array[]
  readonly size: number
  readonly ordered: boolean
  part: number
  offset: number
}

export interface Chunk {
  readonly parcel: number
  readonly bytes: Uint8Array
  /** Present with the first chunk of a parcel: the sizes to announce. */
  readonly sizes: readonly number[] | undefined
}

/**
 * Parcels that wait, and those whose chunks take turns. Ordered ones open one after the other. As many are open at a
 * time as together stay within `window` bytes (one alone may be larger), which the receiver checks.
 */
export class OutgoingParcels {
  /** Bytes not yet handed out. */
  waitingBytes = 0
  private readonly waiting: Parcel[] = []
  private readonly ordered: Parcel[] = []
  private readonly open: Parcel[] = []
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
    const size = parts.reduce((sum, part) => sum + part.length, 0)
    const parcel: Parcel = { number: this.next++, parts, size, ordered, part: 0, offset: 0 }
    this.waitingBytes += size
    if (ordered) this.ordered.push(parcel)
    if (!ordered || this.ordered.length === 1) this.waiting.push(parcel)
  }

  /** The next chunk, of the parcel whose turn it is. Undefined when there is none. */
  chunk(): Chunk | undefined {
    this.openMore()
    const parcel = this.open.shift()
    if (parcel === undefined) return undefined
    const sizes =
      parcel.part === 0 && parcel.offset === 0 ? parcel.parts.map((part) => part.length) : undefined
    const part = parcel.parts[parcel.part] as Uint8Array
    const bytes = part.subarray(parcel.offset, parcel.offset + CHUNK_SIZE)
    parcel.offset += bytes.length
    if (parcel.offset === part.length) {
      parcel.part++
      parcel.offset = 0
    }
    if (parcel.part < parcel.parts.length) this.open.push(parcel)
    else this.finish(parcel)
    this.waitingBytes -= bytes.length
    return { parcel: parcel.number, bytes, sizes }
  }

  clear(): void {
    this.waiting.length = 0
    this.ordered.length = 0
    this.open.length = 0
    this.waitingBytes = 0
  }

  private openMore(): void {
    for (;;) {
      const parcel = this.waiting[0]
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
    const following = this.ordered[0]
    if (following !== undefined) this.waiting.push(following)
  }
}
