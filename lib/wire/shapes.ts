/** A shape is the list of keys of an object, in order. Objects of a known shape cross without their keys. */
export interface Shape {
  readonly index: number
  readonly keys: readonly string[]
  /** The shape of the object that came after the last one of this shape. */
  next: Shape | undefined
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
  private readonly first = nowhere()
  private readonly other = nowhere()
  private previous = this.first
  private guesses = true

  /** Begins a message. */
  begin(): void {
    this.previous = this.first
    this.guesses = !hasEnumerable(Object.prototype)
  }

  /**
   * The shape of a plain object without its keys being gathered and looked up: in message after message objects follow
   * each other in the same order.
   */
  guess(object: object): Shape | undefined {
    const { next } = this.previous
    if (next === undefined || !this.guesses || this.shapes[next.index] !== next) return undefined
    if (!hasKeys(object, next.keys)) return undefined
    this.previous = next
    return next
  }

  /** The shape with exactly these keys, if the table has it. */
  find(keys: readonly string[]): Shape | undefined {
    const candidates = this.byFirstKey.get(keys[0] as string)
    if (candidates === undefined) return undefined
    for (let place = 0; place < candidates.length; place++) {
      const shape = candidates[place] as Shape
      if (sameKeys(shape.keys, keys)) return this.follow(shape)
    }
    return undefined
  }

  /** Adds a shape; false when the table is full or the shape is too large. */
  add(keys: readonly string[]): boolean {
    if (this.shapes.length >= SHAPE_LIMIT || keys.length > SHAPE_KEY_LIMIT) return false
    if (textOf(keys) > SHAPE_TEXT_LIMIT) return false
    const shape: Shape = { index: this.shapes.length, keys, next: undefined }
    this.shapes.push(shape)
    const candidates = this.byFirstKey.get(keys[0] as string)
    if (candidates === undefined) this.byFirstKey.set(keys[0] as string, [shape])
    else candidates.push(shape)
    return true
  }

  /** An object of no shape: large ones are not to be compared with what came before. */
  pass(): void {
    this.previous = this.other
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

  private follow(shape: Shape): Shape {
    this.previous.next = shape
    this.previous = shape
    return shape
  }
}

/** What comes before the first object of a message. */
function nowhere(): Shape {
  return { index: -1, keys: [], next: undefined }
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

/** Inherited keys are met as well, so only what inherits none can be asked. */
function hasKeys(object: object, keys: readonly string[]): boolean {
  let place = 0
  for (const key in object) {
    if (key !== keys[place]) return false
    place++
  }
  return place === keys.length
}

function hasEnumerable(object: object): boolean {
  for (const key in object) if (key.length >= 0) return true
  return false
}
