import { types } from 'node:util'
import { placeOfProxy } from './handles.js'
import { placeOf, placeOfProperty } from './place-of.js'
import { Refusal } from './refusal.js'

/** Thrown by the encoder at something that cannot cross; `locate` turns it into a refusal that names the place. */
export class NotCloneable extends Error {
  readonly #isNotCloneable = true

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

  /** Asked of whatever a getter throws, which may be a proxy: none of its traps runs. */
  static override [Symbol.hasInstance](value: unknown): value is NotCloneable {
    return typeof value === 'object' && value !== null && #isNotCloneable in value
  }
}

/** The refusal for something inside `root`, which is called `name`: `parameters[0].options.agent`. */
export function locate(problem: NotCloneable, root: unknown, name: string): Refusal {
  const { holder, offender, reason, thrown } = problem
  const place =
    holder === undefined
      ? placeOf(offender, root, name)
      : placeOfProperty(holder.object, holder.key, root, name)
  return new Refusal('NOT_CLONEABLE', { place, reason, ...(thrown === undefined ? {} : { cause: thrown }) })
}

/**
 * Why an instance of some class cannot cross, or undefined when it crosses as a plain object, as in
 * `structuredClone`: what V8 or Node implement natively has no plain form, be it a WeakRef, an Intl.NumberFormat or
 * the handle of a socket. Such classes are known by a native constructor in the prototype chain, iterators by a native
 * `next`.
 */
export function reasonAgainst(value: object, prototype: object | null): string | undefined {
  if (types.isProxy(value)) return placeOfProxy(value) === undefined ? 'a Proxy cannot cross' : NO_REFERENCE
  if (types.isArgumentsObject(value)) return 'an arguments object cannot cross; use an array'
  if (types.isGeneratorObject(value)) return 'a generator cannot cross'
  if (types.isModuleNamespaceObject(value)) return 'a module namespace cannot cross; use { ...namespace }'
  if (types.isPromise(value)) return 'a Promise cannot cross; await it first'
  if (types.isSharedArrayBuffer(value)) return 'memory cannot be shared with another process'
  if (prototype === null || !isNative(prototype)) return undefined
  return `an instance of ${nameOf(prototype)} cannot cross`
}

/** Why a proxy of a live object cannot cross among other values. */
export const NO_REFERENCE = 'a live object or function of a space can only be given to chains of use()'

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
    if (
      symbol.description === 'messaging_clone_symbol' ||
      symbol.description === 'messaging_transfer_symbol'
    ) {
      return true
    }
  }
  return isNativeFunction(prototype, 'constructor') || isNativeFunction(prototype, 'next')
}

function isNativeFunction(prototype: object, key: string): boolean {
  const found: unknown = Object.getOwnPropertyDescriptor(prototype, key)?.value
  return typeof found === 'function' && functionSource.call(found).endsWith('{ [native code] }')
}

function nameOf(prototype: object): string {
  const constructor: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value
  return typeof constructor === 'function' && constructor.name !== '' ? constructor.name : 'a native class'
}
