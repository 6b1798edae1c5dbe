import { types } from 'node:util'
import { DEPTH_LIMIT } from './tags.js'

/** Where something sits in `root`, which is called `name`: `parameters[0].options.agent`. If it is not found, `name`. */
export function placeOf(wanted: unknown, root: unknown, name: string): string {
  return search(wanted, root, name) ?? name
}

/** Where a property sits whose value cannot be read. */
export function placeOfProperty(holder: object, key: string, root: unknown, name: string): string {
  const place = search(holder, root, name)
  return place === undefined ? name : place + step(key, !types.isProxy(holder) && Array.isArray(holder))
}

function search(wanted: unknown, root: unknown, name: string): string | undefined {
  try {
    return new Search(wanted).path(root, name)
  } catch {
    return undefined
  }
}

/** Values looked at before the search for a place gives up, and names only the whole. */
const SEARCH_LIMIT = 1_000_000
const MANY = 10_000

/** Depth first, as the encoder goes, but without running getters. Only ever done to word an error. */
class Search {
  private readonly seen = new Set<object>()
  private left = SEARCH_LIMIT

  constructor(private readonly wanted: unknown) {}

  path(from: unknown, path: string, depth = 0): string | undefined {
    if (Object.is(from, this.wanted)) return path
    if (this.left-- < 0 || depth > DEPTH_LIMIT || typeof from !== 'object' || from === null) return undefined
    if (this.seen.has(from)) return undefined
    this.seen.add(from)
    for (const [step, value] of membersOf(from)) {
      const found = this.path(value, path + step, depth + 1)
      if (found !== undefined) return found
      if (this.left < 0) return undefined
    }
    return undefined
  }
}

/** What the encoder would write of this object, with the step that leads there. Of an error nothing is refused. */
function* membersOf(from: object): Generator<[step: string, value: unknown]> {
  if (isClosed(from)) return
  if (types.isMap(from)) yield* entriesOf(from)
  else if (types.isSet(from)) yield* membersOfSet(from)
  else if (Array.isArray(from)) yield* elementsOf(from)
  else yield* propertiesOf(from, Object.keys(from), false)
}

function isClosed(from: object): boolean {
  return (
    types.isProxy(from) || ArrayBuffer.isView(from) || types.isBoxedPrimitive(from) || from instanceof Error
  )
}

function* entriesOf(map: Map<unknown, unknown>): Generator<[string, unknown]> {
  let place = 0
  for (const [key, value] of map) {
    yield [`.<key ${place}>`, key]
    yield [`.<entry ${place}>`, value]
    place++
  }
}

function* membersOfSet(set: Set<unknown>): Generator<[string, unknown]> {
  let place = 0
  for (const member of set) yield [`.<member ${place++}>`, member]
}

/** A large array is not asked for its keys, of which it has too many. */
function* elementsOf(array: readonly unknown[]): Generator<[string, unknown]> {
  if (array.length <= MANY) {
    yield* propertiesOf(array, Object.keys(array), true)
    return
  }
  for (let place = 0; place < array.length; place++) yield* propertiesOf(array, [String(place)], true)
}

function* propertiesOf(
  from: object,
  keys: readonly string[],
  inArray: boolean
): Generator<[string, unknown]> {
  for (const key of keys) {
    const value: unknown = Object.getOwnPropertyDescriptor(from, key)?.value
    yield [step(key, inArray), value]
  }
}

function step(key: string, inArray: boolean): string {
  if (inArray && /^\d+$/.test(key)) return `[${key}]`
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`
}
