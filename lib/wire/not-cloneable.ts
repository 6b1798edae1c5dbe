import { types } from 'node:util'
import { Refusal } from './refusal.js'

/** Thrown by the encoder at something that cannot cross; `locate` turns it into a refusal that names the place. */
export class NotCloneable extends Error {
  constructor(
    readonly reason: string,
    /** What cannot cross. */
    readonly offender: unknown,
    /** Where it sits, when the value itself could not be read. */
    readonly holder?: { object: object; key: string },
    readonly thrown?: unknown
  ) {
    super(reason)
  }
}

/** The refusal for something inside `root`, which is called `name`: `parameters[0].options.agent`. */
export function locate(problem: NotCloneable, root: unknown, name: string): Refusal {
  const path = problem.holder
    ? find(root, problem.holder.object, name, new Set()) + step(problem.holder.key)
    : find(root, problem.offender, name, new Set())
  const cause = problem.thrown === undefined ? {} : { cause: problem.thrown }
  return new Refusal('NOT_CLONEABLE', { place: path ?? name, reason: problem.reason, ...cause })
}

/**
 * Why an instance of some class cannot cross, or undefined when it crosses as a plain object, as in
 * `structuredClone`: what V8 or Node implement natively has no plain form, be it a WeakRef, an Intl.NumberFormat or
 * the handle of a socket. Such classes are known by a native constructor in the prototype chain.
 */
export function reasonAgainst(value: object, prototype: object | null): string | undefined {
  if (types.isProxy(value)) return 'a Proxy cannot cross'
  if (types.isArgumentsObject(value)) return 'an arguments object cannot cross; use an array'
  if (types.isGeneratorObject(value)) return 'a generator cannot cross'
  if (types.isModuleNamespaceObject(value)) return 'a module namespace cannot cross; use { ...namespace }'
  if (types.isPromise(value)) return 'a Promise cannot cross; await it first'
  if (types.isSharedArrayBuffer(value)) return 'memory cannot be shared with another process'
  if (prototype === null || !isNative(prototype)) return undefined
  return `an instance of ${nameOf(prototype)} cannot cross`
}

const nativePrototypes = new WeakMap<object, boolean>()

function isNative(prototype: object): boolean {
  const known = nativePrototypes.get(prototype)
  if (known !== undefined) return known
  const above = Object.getPrototypeOf(prototype) as object | null
  const native = above !== null && (hasNativeMark(prototype) || isNative(above))
  nativePrototypes.set(prototype, native)
  return native
}

const functionSource = Function.prototype.toString

function hasNativeMark(prototype: object): boolean {
  for (const symbol of Object.getOwnPropertySymbols(prototype)) {
    if (symbol.description === 'messaging_clone_symbol' || symbol.description === 'messaging_transfer_symbol') return true
  }
  const constructor: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value
  return typeof constructor === 'function' && functionSource.call(constructor).endsWith('{ [native code] }')
}

function nameOf(prototype: object): string {
  const constructor: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value
  return typeof constructor === 'function' && constructor.name !== '' ? constructor.name : 'a native class'
}

/** The path to `wanted`, by depth first search that runs no getters. Only ever called to word an error. */
function find(from: unknown, wanted: unknown, path: string, seen: Set<object>): string | undefined {
  if (Object.is(from, wanted)) return path
  if (typeof from !== 'object' || from === null || seen.has(from) || seen.size > 100_000) return undefined
  seen.add(from)
  if (types.isProxy(from)) return undefined
  if (types.isMap(from) || types.isSet(from)) return findInCollection(from, wanted, path, seen)
  for (const key of Object.getOwnPropertyNames(from)) {
    const descriptor = Object.getOwnPropertyDescriptor(from, key)
    if (descriptor === undefined || !('value' in descriptor)) continue
    const found = find(descriptor.value, wanted, path + step(key, Array.isArray(from)), seen)
    if (found !== undefined) return found
  }
  return undefined
}

function findInCollection(
  from: Map<unknown, unknown> | Set<unknown>,
  wanted: unknown,
  path: string,
  seen: Set<object>
): string | undefined {
  let place = 0
  for (const [key, value] of from.entries()) {
    const found =
      find(key, wanted, `${path}.<key ${place}>`, seen) ?? find(value, wanted, `${path}.<entry ${place}>`, seen)
    if (found !== undefined) return found
    place++
  }
  return undefined
}

function step(key: string, inArray = false): string {
  if (inArray && /^\d+$/.test(key)) return `[${key}]`
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`
}
