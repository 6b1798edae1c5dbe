import { types } from 'node:util'
import { Iterated } from './iterated.js'

/** Whether values may be within this one, that has just been decoded. What this side lent and got back is left alone. */
export function isContainer(value: object): boolean {
  if (types.isProxy(value)) return false
  if (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype) return true
  return value instanceof Map || value instanceof Set || value instanceof Error || value instanceof Iterated
}
