/** Whether a path may name it at all: these three lead out of a package, to its classes' makers and roots. */
export function isReachableName(name: string): boolean {
  return name !== '__proto__' && name !== 'prototype' && name !== 'constructor'
}

const objectPrototype = Object.prototype
const functionPrototype = Function.prototype

/** Whether it is Object.prototype or Function.prototype, of this realm or another: no package owns those. */
export function isBuiltInRoot(holder: object): boolean {
  if (holder === objectPrototype || holder === functionPrototype) return true
  return typeof holder === 'function'
    ? Object.hasOwn(holder, Symbol.hasInstance) && !Object.hasOwn(holder, 'prototype')
    : Object.getPrototypeOf(holder) === null && Object.hasOwn(holder, '__proto__')
}

/** Its prototypes, nearest first, up to where the built-in roots begin. */
export function* reachableHolders(value: object): Generator<object> {
  let holder: object | null = value
  while (holder !== null && !isBuiltInRoot(holder)) {
    yield holder
    holder = Object.getPrototypeOf(holder) as object | null
  }
}
