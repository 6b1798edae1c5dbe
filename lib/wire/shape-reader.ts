/** What reads the objects of a shape needs of the decoder. */
export interface MemberReader {
  value(): unknown
  see(object: object): object
}

type Read = (members: MemberReader) => object

/** A shape that the other process has made known, and the fastest way to read its objects. */
export class ShapeReader {
  private uses = 0
  private made: Read | undefined

  /** `mayMake`: a function may be made for it, when it has many objects. */
  constructor(
    readonly keys: readonly string[],
    private readonly mayMake: boolean
  ) {}

  /** Reads the values of an object of this shape. It has its number before what is inside it, as when it was written. */
  read(members: MemberReader): object {
    if (this.made !== undefined) return this.made(members)
    if (++this.uses === MAKE_AFTER && this.mayMake) this.made = readerOf(this.keys)
    const { keys } = this
    const object: Record<string, unknown> = {}
    members.see(object)
    for (let place = 0; place < keys.length; place++) {
      setProperty(object, keys[place] as string, members.value())
    }
    return object
  }
}

/** So many shapes of a connection may have a function. */
export const MOST_MADE = 128

/** `__proto__` as a key must become a property of its own, not the prototype. */
export function setProperty(object: object, key: string, value: unknown): void {
  if (key !== '__proto__') (object as Record<string, unknown>)[key] = value
  else Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true })
}

/**
 * Objects of a shape before a function is made for it. A new function is slow until V8 has compiled it, after some
 * thousand objects; with 64 here, objects of 80 shapes took 1.5 times as long for the first second (Node 20).
 */
const MAKE_AFTER = 1000
/** Functions that are kept for the next connection with the same shapes. */
const MOST_KEPT = 256

/** By the keys as JSON, the oldest first. */
const kept = new Map<string, Read>()
const { stringify } = JSON
const makeCode = Function
/** False where the process may not make code of texts (--disallow-code-generation-from-strings). */
let mayMakeCode = true

/**
 * A function that makes an object with all its properties at once, and then fills them: a fifth of the time that adding
 * one after the other takes (4 ns beside 20 for each, Node 20 to 26). The keys come from a process that is not
 * trusted, and stand in its text as JSON, in the place of literals.
 */
function readerOf(keys: readonly string[]): Read | undefined {
  if (!mayMakeCode || keys.includes('__proto__')) return undefined
  const text = stringify(keys)
  const read = kept.get(text) ?? makeReader(keys)
  if (read !== undefined) keep(text, read)
  return read
}

function makeReader(keys: readonly string[]): Read | undefined {
  const names = keys.map((key) => stringify(key))
  const empty = names.map((name) => `${name}: undefined`).join(', ')
  const filled = names.map((name) => `object[${name}] = members.value()\n`).join('')
  try {
    return makeCode(
      'members',
      `'use strict'\nconst object = { ${empty} }\nmembers.see(object)\n${filled}return object`
    ) as Read
  } catch {
    mayMakeCode = false
    return undefined
  }
}

function keep(text: string, read: Read): void {
  kept.delete(text)
  kept.set(text, read)
  if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value as string)
}
