import { types } from 'node:util'
import { isContainer } from './containers.js'
import { Operand } from './live-reader.js'
import { Moved } from './moved.js'

/** The operands in the parameters of a step, wherever they are. */
export function operandsIn(parameters: readonly unknown[]): Operand[] {
  const operands: Operand[] = []
  visit(parameters, Operand, (operand) => {
    operands.push(operand)
    return operand
  })
  return operands
}

/** Puts what they stand for in their places. */
export function replaceOperands(parameters: unknown[], replace: (operand: Operand) => unknown): void {
  visit(parameters, Operand, replace)
}

/** Puts what came by another way in its places. */
export function replaceMoved(parameters: unknown[], replace: (moved: Moved) => unknown): void {
  visit(parameters, Moved, replace)
}

/** All values have just been decoded, so they are plain and nobody else has them, or are lent things come home. */
function visit<T>(root: object, kind: new (...given: never[]) => T, replace: (one: T) => unknown): void {
  const seen = new Set<object>([root])
  const replaced = (value: unknown): unknown => {
    if (types.isProxy(value)) return value
    if (value instanceof kind) return replace(value)
    if (typeof value === 'object' && value !== null && isContainer(value)) seen.add(value)
    return value
  }
  // A Set comes to an end when nothing was added to it any more.
  for (const object of seen) {
    if (object instanceof Map) {
      const entries = [...object] as [unknown, unknown][]
      object.clear()
      for (const [key, value] of entries) object.set(replaced(key), replaced(value))
    } else if (object instanceof Set) {
      const values = [...(object as Set<unknown>)]
      object.clear()
      for (const value of values) object.add(replaced(value))
    } else {
      const record = object as Record<string, unknown>
      for (const key of keysOf(object)) {
        const value = record[key]
        const other = replaced(value)
        if (other !== value) record[key] = other
      }
    }
  }
}

/** Those of errors that may hold anything are not enumerable. */
function keysOf(object: object): string[] {
  return object instanceof Error ? Object.getOwnPropertyNames(object) : Object.keys(object)
}
