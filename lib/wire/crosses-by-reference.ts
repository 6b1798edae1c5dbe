import { types } from 'node:util'

/**
 * Whether an object stays where it is when a live value crosses: an instance of any class but the built-in ones that
 * cross by value (ArrayBuffer and its views, Buffer, Date, RegExp, Map, Set, the errors, wrappers, AbortSignal, and what
 * extends them). Plain objects and arrays are values. What neither crosses nor is worth a reference, as a promise, is
 * taken for a value, which refuses it.
 */
export function crossesByReference(value: object): boolean {
  return types.isProxy(value) || isInstance(value)
}

/** The same of what is no proxy. */
export function isInstance(value: object): boolean {
  if (Array.isArray(value)) return false
  const prototype = Object.getPrototypeOf(value) as object | null
  if (prototype === Object.prototype) return false
  if (prototype === null) return types.isModuleNamespaceObject(value)
  return !isOfAnotherRealm(prototype) && !isValue(value)
}

/** A plain object that came from a `vm` context. */
function isOfAnotherRealm(prototype: object): boolean {
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, '__proto__')
}

function isValue(value: object): boolean {
  return (
    ArrayBuffer.isView(value) ||
    types.isDate(value) ||
    types.isMap(value) ||
    types.isSet(value) ||
    value instanceof Error ||
    types.isNativeError(value) ||
    types.isAnyArrayBuffer(value) ||
    types.isRegExp(value) ||
    types.isBoxedPrimitive(value) ||
    types.isPromise(value) ||
    value instanceof AbortSignal
  )
}
