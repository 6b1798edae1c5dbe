import { invalidOption, unknownOption } from './errors.js'
import { boolean, isRecord, milliseconds, pick, positive, readOptions } from './option-checks.js'
import type { CallSettings } from './settings.js'

const CALL = ['timeout', 'signal', 'idempotent', 'affinity']
const NOTHING_GIVEN: CallSettings = Object.freeze({
  timeout: undefined,
  signal: undefined,
  idempotent: false,
  affinity: undefined
})

const callTimeout = positive('a number of milliseconds')
const drainTimeout = milliseconds()

/** Reads the options of a call, once per call and therefore without a table. Throws INVALID_OPTION. */
export function parseCallOptions(input: unknown): CallSettings {
  if (input === undefined) return NOTHING_GIVEN
  const names = typeof input === 'object' && input !== null ? Object.keys(input) : []
  // Of an object that has a name to look at, the name tells whether it is what was meant.
  if ((names.length === 0 || Array.isArray(input)) && !isRecord(input)) {
    throw invalidOption('options', 'an object', input)
  }
  let { timeout, signal, idempotent, affinity } = NOTHING_GIVEN
  for (const name of names) {
    const value = (input as Record<string, unknown>)[name]
    if (name === 'timeout') timeout = value === undefined ? undefined : callTimeout(value, name)
    else if (name === 'signal') signal = value === undefined ? undefined : abortSignal(value)
    else if (name === 'idempotent') idempotent = value === undefined ? false : boolean(value, name)
    else if (name === 'affinity') affinity = value === undefined ? undefined : affinityValue(value)
    else throw unknownOption(name, CALL, value)
  }
  return { timeout, signal, idempotent, affinity }
}

/** Reads the options of `close`. Throws INVALID_OPTION. */
export function parseCloseOptions(input: unknown): { timeout: number } {
  return { timeout: pick(readOptions(input, ['timeout']), 'timeout', drainTimeout, 10_000) }
}

/** By its members, because a program may have a signal of another realm or of a polyfill. */
function abortSignal(value: unknown): AbortSignal {
  const signal = value as Partial<AbortSignal> | null
  if (typeof signal === 'object' && typeof signal?.aborted === 'boolean') {
    if (typeof signal.addEventListener === 'function') return signal as AbortSignal
  }
  throw invalidOption('signal', 'an AbortSignal', value)
}

function affinityValue(value: unknown): string | number {
  if (typeof value === 'string' || Number.isFinite(value)) return value as string | number
  throw invalidOption('affinity', 'a string or a finite number', value)
}
