import { Refusal } from '../lib/wire/refusal.js'
import { defaultExport } from '../lib/wire/default-export.js'

/**
 * Makes an instance of a package that exports a function, or has one as its default export: with `new` when
 * it is a constructor, by a call when it is none (an arrow function, an async function, a method). Answers
 * the instance, or the promise of it that an async factory returned. A package that exports something else is
 * answered as it is.
 *
 * Refuses with PACKAGE_LOAD_FAILED, the thrown or rejected value as `cause` in its details.
 */
export function instantiate(exported: unknown, parameters: readonly unknown[], packageName: string): unknown {
  const factory = typeof exported === 'function' ? exported : defaultExport(exported)
  if (typeof factory !== 'function') return exported

  const refuse = (cause: unknown): never => {
    throw new Refusal('PACKAGE_LOAD_FAILED', { package: packageName, cause })
  }
  try {
    const instance: unknown = isConstructor(factory)
      ? Reflect.construct(factory, parameters)
      : Reflect.apply(factory, undefined, parameters)
    return isThenable(instance) ? Promise.resolve(instance).catch(refuse) : instance
  } catch (cause) {
    return refuse(cause)
  }
}

/** Whether `new` works on it, found without running it: a proxy can be constructed when its target can. */
function isConstructor(value: Function): boolean {
  const probe = new Proxy(value, { construct: () => ({}) })
  try {
    Reflect.construct(probe, [])
    return true
  } catch {
    return false
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
