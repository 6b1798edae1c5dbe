/** Objects looked through one by one before a Map is faster. */
const SCAN_LIMIT = 16

/** The objects of one message, numbered as they are written: one that comes again crosses as its number. */
export class SeenObjects {
  /** Those that were written, the list of parameters not among them. */
  count = 0
  /** The list of parameters, which is number 0. */
  private root: readonly unknown[] | undefined
  private objects: object[] = []
  private places: Map<object, number> | undefined

  /** What comes next stands in this list. */
  beginList(list: readonly unknown[]): void {
    this.root = list
  }

  /** What comes next is numbered from the start again. */
  beginItem(): void {
    this.count = 0
    this.places = undefined
  }

  /** The number of an object that was written before; -1 of another, which has one from now on. */
  numberOf(object: object): number {
    if (object === this.root) return 0
    const place = this.placeOf(object)
    if (place !== undefined) return this.root === undefined ? place : place + 1
    const count = this.count++
    this.objects[count] = object
    if (this.places !== undefined) this.places.set(object, count)
    else if (count >= SCAN_LIMIT) this.places = placesOf(this.objects, count)
    return -1
  }

  /** Takes back what was written since there were this many. */
  truncate(count: number): void {
    for (let place = count; place < this.count; place++) this.places?.delete(this.objects[place] as object)
    this.count = count
  }

  /** Lets go of all of them. */
  clear(): void {
    this.root = undefined
    this.places = undefined
    if (this.objects.length > 0) this.objects = []
    this.count = 0
  }

  private placeOf(object: object): number | undefined {
    if (this.places !== undefined) return this.places.get(object)
    const { objects, count } = this
    for (let place = 0; place < count; place++) if (objects[place] === object) return place
    return undefined
  }
}

/** Up to the last one; what is behind it was seen in an item before. */
function placesOf(objects: readonly object[], last: number): Map<object, number> {
  const places = new Map<object, number>()
  for (let place = 0; place <= last; place++) places.set(objects[place] as object, place)
  return places
}
