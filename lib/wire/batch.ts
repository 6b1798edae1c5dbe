/** A batch is full with so many items. */
export const MOST_ITEMS = 128
/** A batch is full with so many bytes, as far as they can be told at a glance. */
export const MOST_BYTES = 256 * 1024

/** An object is looked into for so many. */
const EACH = 8

/** Items that are sent together, so many and so large that neither side has to hold much. */
export class Batch {
  readonly items: unknown[] = []
  private bytes = 0

  constructor(private readonly most = MOST_ITEMS) {}

  get isFull(): boolean {
    return this.items.length >= this.most || this.bytes >= MOST_BYTES
  }

  /** Of objects, which take a while to look into, every eighth stands for those behind it. */
  add(item: unknown): void {
    const place = this.items.push(item) - 1
    if (typeof item === 'string') this.bytes += item.length
    else if (typeof item !== 'object' || item === null) return
    else if (ArrayBuffer.isView(item)) this.bytes += item.byteLength
    else if (place % EACH === 0) this.bytes += EACH * bytesIn(item, 2)
  }
}

/** Roughly: texts and binary values, and those within the nearest objects. Runs no getter of a class. */
export function bytesIn(value: unknown, depth: number): number {
  if (typeof value === 'string') return value.length
  if (typeof value !== 'object' || value === null) return 0
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return value.byteLength
  if (depth === 0) return 0
  if (Array.isArray(value)) return bytesOf(value, depth - 1)
  return Object.getPrototypeOf(value) === Object.prototype ? bytesOf(Object.values(value), depth - 1) : 0
}

function bytesOf(values: readonly unknown[], depth: number): number {
  let sum = 0
  for (let place = 0; place < values.length; place++) sum += bytesIn(values[place], depth)
  return sum
}
