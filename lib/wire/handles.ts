/** Gives back what it is given, so that a class that extends it puts its private members there. */
class Given {
  constructor(proxy: object) {
    return proxy
  }
}

/** A private member of the proxies themselves: a WeakMap costs four times as much for each, and more to collect. */
class Placed extends Given {
  readonly #place: object

  constructor(proxy: object, place: object) {
    super(proxy)
    this.#place = place
  }

  static placeOf(value: object): object | undefined {
    return #place in value ? value.#place : undefined
  }
}

/** What this proxy stands for (`Handle` in chain.ts); undefined when it is none of ours. */
export function placeOfProxy(value: object): object | undefined {
  return Placed.placeOf(value)
}

/** Once for each proxy. */
export function keepPlace(proxy: object, place: object): void {
  new Placed(proxy, place)
}
