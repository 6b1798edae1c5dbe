/** Numbers that look like chance; the same seed gives the same ones. */
export class Chance {
  #state

  constructor(seed) {
    this.#state = seed >>> 0
  }

  /** An integer from 0 to below `limit`. */
  below(limit) {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }

  oneOf(list) {
    return list[this.below(list.length)]
  }
}
