import { ProtocolViolation } from './byte-reader.js'
import { Refusal } from './refusal.js'

// V8 ends the process when it cannot make one thing larger, with an error that nothing catches, or takes a time for it
// that grows by the square. So one thing may have less than that, however many bytes a value may have.

/** Elements of one array. It is filled one by one and grows by half: beyond 112 million V8 gives up (Node 20). */
export const ELEMENTS_LIMIT = 2 ** 26
/**
 * Properties of one object or error, and those of an array that has holes. Beyond it V8 numbers all of them anew for
 * each further one: 8.3 million names take 20 s, 8.5 million minutes (Node 20).
 */
export const PROPERTIES_LIMIT = 2 ** 23
/** Entries of one Map or Set: as many as V8 makes. */
export const ENTRIES_LIMIT = 2 ** 24

/** Throws TOO_LARGE for a thing that is to be written. */
export function checkElements(size: number, limit: number): void {
  if (size > limit) throw new Refusal('TOO_LARGE', { size, limit, unit: 'elements' })
}

/** The same for one that is read, where it is a lie of the other process. */
export function believeElements(size: number, limit: number): void {
  if (size > limit) throw new ProtocolViolation('too many elements in one thing')
}
