import { types } from 'node:util'
import { defaultExport } from './default-export.js'
import { functionNames } from './function-names.js'
import { isBuiltInRoot, isReachableName } from './reachable.js'
import { Refusal } from './refusal.js'

export interface FoundFunction {
  readonly target: Function
  /** What `this` is in the call: the object before the last segment; undefined for the package itself. */
  readonly receiver: unknown
}

/** No real function lies deeper; the host refuses such paths too. */
export const MOST_SEGMENTS = 16

// Called for every call, and still there when a package replaced them.
const { getPrototypeOf, hasOwn } = Object

/**
 * Finds a function of a package by its path, read anew at every call. A segment is an own property or one
 * inherited from a class, never one from Object.prototype or Function.prototype, nor `__proto__`, `prototype`
 * or `constructor`. On an ES module a name is looked up in the namespace, then on the default export. Without
 * segments it is the package itself, or the default export of an ES module. Getters run, and what they throw
 * is thrown.
 *
 * Refuses with FUNCTION_NOT_FOUND, naming the segment that was not found and up to ten functions that are
 * there.
 */
export function findFunction(root: unknown, packageName: string, segments: readonly string[]): FoundFunction {
  const count = segments.length
  if (count > MOST_SEGMENTS) throw notFound(packageName, segments, MOST_SEGMENTS, undefined)

  let receiver: unknown = undefined
  let value: unknown = count === 0 ? packageItself(root) : root
  for (let index = 0; index < count; index++) {
    const name = segments[index] as string
    receiver = value
    value = read(receiver, name)
    if (value === absent) {
      const fallback = defaultExport(receiver)
      value = read(fallback, name)
      if (value === absent) throw notFound(packageName, segments, index, receiver)
      receiver = fallback
    }
  }
  if (typeof value === 'function') return { target: value, receiver }
  throw notFound(packageName, segments, count - 1, count === 0 ? root : receiver)
}

/**
 * The value at the end of a path, by the same rules: undefined where the last segment is none, refused where one before
 * it is. Without segments it is what the path begins with.
 */
export function findValue(root: unknown, packageName: string, segments: readonly string[]): unknown {
  if (segments.length > MOST_SEGMENTS) throw notFound(packageName, segments, MOST_SEGMENTS, undefined)
  let value = root
  for (const [index, name] of segments.entries()) {
    const holder = value
    value = read(holder, name)
    if (value === absent) value = read(defaultExport(holder), name)
    if (value !== absent) continue
    if (index < segments.length - 1 || !isReachableName(name)) {
      throw notFound(packageName, segments, index, holder)
    }
    return undefined
  }
  return value
}

const absent = Symbol('absent')

/** The value of a property that a path may use, else `absent`. */
function read(value: unknown, name: string): unknown {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return absent
  if (!isReachableName(name)) return absent

  let holder: object | null = value
  while (holder !== null) {
    if (hasOwn(holder, name)) {
      return isBuiltInRoot(holder) ? absent : (value as Record<string, unknown>)[name]
    }
    holder = getPrototypeOf(holder) as object | null
  }
  return readFromProxy(value, name)
}

/** A proxy often answers names that it does not list. What it passes through from a root is still refused. */
function readFromProxy(value: object, name: string): unknown {
  if (!types.isProxy(value)) return absent
  const answer = (value as Record<string, unknown>)[name]
  const isFromRoot = [Object.prototype, Function.prototype].some((root) => Reflect.get(root, name) === answer)
  return isFromRoot ? absent : answer
}

function packageItself(root: unknown): unknown {
  return typeof root === 'function' ? root : defaultExport(root)
}

function notFound(packageName: string, segments: readonly string[], index: number, place: unknown): Refusal {
  const segment = segments[index] ?? ''
  const available = functionNames(place, segment)
  return new Refusal('FUNCTION_NOT_FOUND', {
    package: packageName,
    path: segments.join('.'),
    segment,
    available
  })
}
