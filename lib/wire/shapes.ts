/** A shape is the list of keys of an object, in order. Objects of a known shape cross without their keys. */
export interface Shape {
  readonly index: number
  readonly keys: readonly string[]
}

/** Shapes a table holds at most; objects of further shapes carry their keys. Both sides stop at the same point. */
export const SHAPE_LIMIT = 512
/** An object with more keys than this is rather a dictionary, and never enters the table. */
export const SHAPE_KEY_LIMIT = 64
/** Characters of all keys of a shape together: a table is kept as long as its connection, and must stay small. */
export const SHAPE_TEXT_LIMIT = 2048

/**
 * The sender's table of shapes. It grows in step with the receiver's list, so an entry made for a message that is not
 * sent after all must be taken back (`truncate`).
 */
export class ShapeTable {
  readonly shapes: Shape[] = []
  private byFirstKey = new Map<string, Shape[]>()

  /** The shape with exactly these keys, if the table has it. */
  find(keys: readonly string[]): Shape | undefined {
    const candidates = this.byFirstKey.get(keys[0] as string)
    if (candidates === undefined) return undefined
    for (let place = 0; place < candidates.length; place++) {
      const shape = candidates[place] as Shape
      if (sameKeys(shape.keys, keys)) return shape
    }
    return undefined
  }

  /** Adds a shape; false when the table is full or the shape is too large. */
  add(keys: readonly string[]): boolean {
    if (this.shapes.length >= SHAPE_LIMIT || keys.length > SHAPE_KEY_LIMIT) return false
    if (textOf(keys) > SHAPE_TEXT_LIMIT) return false
    const shape: Shape = { index: this.shapes.length, keys }
    this.shapes.push(shape)
    const candidates = this.byFirstKey.get(keys[0] as string)
    if (candidates === undefined) this.byFirstKey.set(keys[0] as string, [shape])
    else candidates.push(shape)
    return true
  }

  /** Takes back the shapes added since the table had this many. */
  truncate(length: number): void {
    while (this.shapes.length > length) {
      const shape = this.shapes.pop() as Shape
      const candidates = this.byFirstKey.get(shape.keys[0] as string) as Shape[]
      candidates.pop()
      if (candidates.length === 0) this.byFirstKey.delete(shape.keys[0] as string)
    }
  }
}

/** How many characters the keys of a shape have. */
export function textOf(keys: readonly string[]): number {
  let length = 0
  for (const key of keys) length += key.length
  return length
}

function sameKeys(left: readonly string[], right: readonly string[]): boolean {
  if (left.length !== right.length) return false
  for (let place = 0; place < left.length; place++) {
    if (left[place] !== right[place]) return false
  }
  return true
}
