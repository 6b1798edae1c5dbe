import { types } from 'node:util'
import { isBuiltInRoot } from './reachable.js'
import { FUNCTION_LENGTH_LIMIT, FUNCTION_NAME_LIMIT } from './tags.js'

const { getPrototypeOf, hasOwn } = Object

/** The name of the class of an object. Longer ones are cut. */
export function classOf(thing: object): string {
  if (types.isProxy(thing)) return 'Proxy'
  if (types.isModuleNamespaceObject(thing)) return 'Module'
  const prototype = Object.getPrototypeOf(thing) as object | null
  const constructor = prototype === null ? undefined : ownValue(prototype, 'constructor')
  return typeof constructor === 'function' ? nameOf(constructor) : 'Object'
}

/** How many parameters a function says that it has. */
export function lengthOf(value: Function): number {
  const length: unknown = ownValue(value, 'length')
  return typeof length === 'number' && length >= 0 ? Math.min(length, FUNCTION_LENGTH_LIMIT) : 0
}

export function nameOf(value: Function): string {
  const name: unknown = ownValue(value, 'name')
  return typeof name === 'string' ? name.slice(0, FUNCTION_NAME_LIMIT) : ''
}

/** Whether something else than what all functions have is found on it as `apply`, `bind` or `call`. Runs no getter. */
export function isNamesake(value: Function): boolean {
  let holder = value as object | null
  while (holder !== null && !types.isProxy(holder) && !isBuiltInRoot(holder)) {
    if (hasOwn(holder, 'call') || hasOwn(holder, 'apply') || hasOwn(holder, 'bind')) return true
    holder = getPrototypeOf(holder) as object | null
  }
  return false
}

/** Runs no getter. */
function ownValue(object: object, key: string): unknown {
  return types.isProxy(object) ? undefined : (Object.getOwnPropertyDescriptor(object, key)?.value as unknown)
}
