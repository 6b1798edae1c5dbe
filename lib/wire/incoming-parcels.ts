import { ProtocolViolation } from './byte-reader.js'
import { keepFreedMemory } from './freed-memory.js'
import { CHUNK_SIZE, PARCELS_LIMIT, PARTS_LIMIT } from './protocol-limits.js'
import { ATTACHMENT_THRESHOLD } from './tags.js'

/** A message that arrives in chunks. */
class Parcel {
  readonly parts: Buffer[]
  readonly size: number
  private part = 0
  private offset = 0

  /** `message`: its first part, where that has come. */
  constructor(
    readonly number: number,
    sizes: readonly number[],
    message: Buffer | undefined
  ) {
    this.parts = message === undefined ? [] : [message]
    this.part = this.parts.length
    for (let part = this.part; part < sizes.length; part++) {
      this.parts.push(Buffer.allocUnsafeSlow(sizes[part] as number))
    }
    this.size = sizes.reduce((sum, size) => sum + size, 0)
  }

  get complete(): boolean {
    return this.part === this.parts.length
  }

  /** Memory for the next bytes, within one part. */
  target(most: number): Uint8Array {
    const part = this.parts[this.part] as Buffer
    return part.subarray(this.offset, this.offset + most)
  }

  filled(count: number): void {
    this.offset += count
    if (this.offset < (this.parts[this.part] as Buffer).length) return
    this.part++
    this.offset = 0
  }
}

/**
 * The parcels that are arriving. Their memory is bounded: together they are within `window` bytes, or one alone is
 * within `limit`, and what was only announced is not resident yet.
 */
export class IncomingParcels {
  private readonly open = new Map<number, Parcel>()
  private openBytes = 0
  private current: Parcel | undefined
  private left = 0

  constructor(
    private readonly window: () => number,
    private readonly chunkSize = CHUNK_SIZE
  ) {}

  get expecting(): boolean {
    return this.open.size > 0
  }

  /** Bytes of the current chunk that have not come yet. */
  get remaining(): number {
    return this.left
  }

  /** `message`: the first part, where it came with the announcement. */
  announce(number: number, sizes: readonly number[], message?: Buffer): void {
    if (this.open.has(number)) throw new ProtocolViolation('a parcel was announced twice')
    if (this.open.size >= PARCELS_LIMIT) throw new ProtocolViolation('too many parcels')
    if (sizes.length === 0 || sizes.length > PARTS_LIMIT) {
      throw new ProtocolViolation('a parcel of too many parts')
    }
    if (sizes.some(isTooSmall)) throw new ProtocolViolation('a parcel of too small parts')
    const size = sizes.reduce((sum, part) => sum + part, 0)
    if (this.openBytes + size > this.window()) throw new ProtocolViolation('a parcel is too large')
    keepFreedMemory()
    this.open.set(number, new Parcel(number, sizes, message))
    this.openBytes += size
  }

  /** A chunk of so many bytes of this parcel follows: as many as it may have, or there might be one for each byte. */
  begin(number: number, length: number): void {
    const parcel = this.open.get(number)
    if (parcel === undefined) throw new ProtocolViolation('a chunk of an unknown parcel')
    if (length !== parcel.target(this.chunkSize).length) {
      throw new ProtocolViolation('a chunk is too long or too short')
    }
    this.current = parcel
    this.left = length
  }

  /** Where the next bytes of the current chunk belong. */
  target(): Uint8Array {
    return (this.current as Parcel).target(this.left)
  }

  /** So many bytes are there; the parts of the parcel when it is complete. */
  filled(count: number): readonly Buffer[] | undefined {
    const parcel = this.current as Parcel
    parcel.filled(count)
    this.left -= count
    if (this.left === 0) this.current = undefined
    if (!parcel.complete) return undefined
    this.open.delete(parcel.number)
    this.openBytes -= parcel.size
    return parcel.parts
  }

  clear(): void {
    this.open.clear()
    this.left = 0
    this.current = undefined
  }
}

/** A message is not empty, and what is attached to it is large. */
function isTooSmall(size: number, part: number): boolean {
  return size < (part === 0 ? 1 : ATTACHMENT_THRESHOLD)
}
