import { types } from 'node:util'
import { invalidOption, unknownOption } from './errors.js'

/** The options that were given, by name. Undefined ones count as not given. */
export type GivenOptions = ReadonlyMap<string, unknown>

/** Turns the value of an option into what is worked with, or throws INVALID_OPTION. */
export type Check<Value> = (value: unknown, option: string) => Value

/**
 * Reads a record of options. Only its own properties count, so that a polluted prototype changes nothing. `within` is
 * the option that the record is the value of. Throws INVALID_OPTION for what is no record and for unknown names.
 */
export function readOptions(input: unknown, known: readonly string[], within?: string): GivenOptions {
  const given = new Map<string, unknown>()
  if (input === undefined) return given
  if (!isRecord(input)) throw invalidOption(within ?? 'options', 'an object', input)
  for (const name of Object.keys(input)) {
    const value = (input as Record<string, unknown>)[name]
    if (!known.includes(name)) {
      throw unknownOption(within === undefined ? name : `${within}.${name}`, known, value)
    }
    if (value !== undefined) given.set(name, value)
  }
  return given
}

/**
 * Whether it can hold options by their names. What is built into JavaScript holds none, and where it was given, a Promise
 * was not awaited, or somebody took a Map for a record.
 */
export function isRecord(input: unknown): input is object {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return false
  return !ArrayBuffer.isView(input) && !BUILT_IN.some((isOne) => isOne(input))
}

const BUILT_IN = [
  types.isPromise,
  types.isMap,
  types.isSet,
  types.isDate,
  types.isRegExp,
  types.isNativeError
]

/** The value of one option, checked, or what holds where it was not given. */
export function pick<Value, Fallback>(
  given: GivenOptions,
  name: string,
  check: Check<Value>,
  fallback: Fallback,
  within?: string
): Value | Fallback {
  const value = given.get(name)
  return value === undefined ? fallback : check(value, within === undefined ? name : `${within}.${name}`)
}

/** A whole number within bounds; `Infinity` only where it is the upper one. */
export function integer(least: number, most = Number.MAX_SAFE_INTEGER): Check<number> {
  const expected = `an integer ${range(least, most)}${most === Infinity ? ' or Infinity' : ''}`
  return (value, option) => {
    const whole = Number.isSafeInteger(value) || (value === Infinity && most === Infinity)
    if (!whole || (value as number) < least || (value as number) > most) {
      throw invalidOption(option, expected, value)
    }
    return value as number
  }
}

/** A finite number of milliseconds from `least` on. */
export function milliseconds(least = 0): Check<number> {
  return (value, option) => {
    if (Number.isFinite(value) && (value as number) >= least) return value as number
    throw invalidOption(option, `a finite number of milliseconds of at least ${least}`, value)
  }
}

/** A number above 0, `Infinity` included. */
export function positive(unit: string): Check<number> {
  return (value, option) => {
    if (typeof value === 'number' && value > 0) return value
    throw invalidOption(option, `${unit} above 0, or Infinity`, value)
  }
}

export const boolean: Check<boolean> = (value, option) => {
  if (typeof value === 'boolean') return value
  throw invalidOption(option, 'true or false', value)
}

/** A text that the operating system takes: not empty, without NUL. */
export const text: Check<string> = (value, option) => {
  if (typeof value === 'string' && value !== '' && !value.includes('\0')) return value
  throw invalidOption(option, 'a string that is not empty and holds no NUL', value)
}

/** An array of such texts, copied and frozen. */
export const texts: Check<readonly string[]> = (value, option) => {
  if (!Array.isArray(value)) throw invalidOption(option, 'an array of strings', value)
  return Object.freeze(Array.from(value, (element: unknown, index) => text(element, `${option}[${index}]`)))
}

export function oneOf<Word extends string>(...words: readonly Word[]): Check<Word> {
  return (value, option) => {
    if (words.includes(value as Word)) return value as Word
    throw invalidOption(option, words.map((word) => `'${word}'`).join(' or '), value)
  }
}

function range(least: number, most: number): string {
  return most < Number.MAX_SAFE_INTEGER ? `from ${least} to ${most}` : `of at least ${least}`
}
