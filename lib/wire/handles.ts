import { types } from 'node:util'

/** Gives back what it is given, so that a class that extends it puts its private members there. */
class Given {
  constructor(proxy: object) {
    return proxy
  }
}

/** A private member of the things themselves: a WeakMap costs four times as much for each, and more to collect. */
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
  const place = Placed.placeOf(value)
  if (place !== undefined) return place
  // No other thing can be one that answers, so nobody else is asked, but for a Proxy of a function.
  return typeof value === 'function' && types.isProxy(value) ? askedFor(value) : undefined
}

/** Once for each thing. */
export function keepPlace(proxy: object, place: object): void {
  new Placed(proxy, place)
}

/**
 * The key by which a proxy that does not keep its place is asked for it: a private member costs five times what the
 * proxy does, and a chain makes two for every step. It answers by `tellPlace`, which nobody else can call.
 */
export const PLACE = Symbol('place')

let asked: object | undefined
let told: object | undefined

/** The answer of this proxy, which only counts while that one itself is asked. */
export function tellPlace(proxy: object, place: object): void {
  if (proxy === asked) told = place
}

function askedFor(proxy: Function): object | undefined {
  asked = proxy
  told = undefined
  try {
    Reflect.get(proxy, PLACE)
  } catch {
    // Somebody else's, which throws at what it does not know, or was revoked.
  }
  const place = told
  asked = told = undefined
  return place
}
